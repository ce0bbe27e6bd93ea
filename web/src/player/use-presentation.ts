import { useEffect, useState, type RefObject } from 'react';

export interface Presentation {
  fullscreen: boolean;
  pictureInPicture: boolean;
  canPictureInPicture: boolean;
  toggleFullscreen(): void;
  togglePictureInPicture(): void;
}

/** Full screen and picture in picture, and whether the browser is in them. */
export function usePresentation(
  root: RefObject<HTMLElement | null>,
  video: RefObject<HTMLVideoElement | null>,
): Presentation {
  const [fullscreen, setFullscreen] = useState(false);
  const [pictureInPicture, setPictureInPicture] = useState(false);
  useEffect(() => {
    const element = video.current;
    const follow = () => {
      setFullscreen(
        document.fullscreenElement !== null && document.fullscreenElement === root.current,
      );
      setPictureInPicture(document.pictureInPictureElement === element && element !== null);
    };
    document.addEventListener('fullscreenchange', follow);
    element?.addEventListener('enterpictureinpicture', follow);
    element?.addEventListener('leavepictureinpicture', follow);
    return () => {
      document.removeEventListener('fullscreenchange', follow);
      element?.removeEventListener('enterpictureinpicture', follow);
      element?.removeEventListener('leavepictureinpicture', follow);
    };
  }, [root, video]);

  return {
    fullscreen,
    pictureInPicture,
    canPictureInPicture:
      (document as { pictureInPictureEnabled?: boolean }).pictureInPictureEnabled === true,
    toggleFullscreen: () => quietly(() => enterOrLeaveFullscreen(root.current, video.current)),
    togglePictureInPicture: () =>
      quietly(async () => {
        if (document.pictureInPictureElement) await document.exitPictureInPicture();
        else await video.current?.requestPictureInPicture();
      }),
  };
}

async function enterOrLeaveFullscreen(
  root: HTMLElement | null,
  video: HTMLVideoElement | null,
): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else if (root && 'requestFullscreen' in root) await root.requestFullscreen();
  // iPhones let only the video itself fill the screen.
  else (video as { webkitEnterFullscreen?: () => void } | null)?.webkitEnterFullscreen?.();
}

/** The browser may refuse either (no picture yet, not allowed in a frame); then nothing changes. */
function quietly(action: () => Promise<void>): void {
  action().catch(() => undefined);
}
