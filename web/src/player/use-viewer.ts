import { useEffect, useMemo, type RefObject } from 'react';
import { useSnapshot } from '@/components/use-snapshot';
import type { CredentialSource } from '@/lib/rtc/credential';
import { Viewer, type ViewerState } from '@/lib/rtc/whep';

/** Watches a stream as long as the component is there. Another credential is another viewer. */
export function useViewer(
  stream: string,
  active: boolean,
  credential: CredentialSource | undefined,
): { viewer: Viewer; state: ViewerState } {
  const viewer = useMemo(
    () => new Viewer(`${location.origin}/whep/${encodeURIComponent(stream)}`, credential),
    [stream, credential],
  );
  useEffect(() => {
    if (!active) return;
    viewer.start();
    return () => viewer.stop();
  }, [viewer, active]);
  return { viewer, state: useSnapshot(viewer.state) };
}

/** Tells which connection the viewer has, as long as it has one. */
export function usePeer(
  viewer: Viewer,
  onPeer: ((peer: RTCPeerConnection | null) => void) | undefined,
): void {
  useEffect(() => {
    if (onPeer === undefined) return;
    onPeer(viewer.connection?.peer ?? null);
    const offs = [
      viewer.on('connection', ({ peer }) => onPeer(peer)),
      viewer.on('lost', () => onPeer(null)),
      () => onPeer(null),
    ];
    return () => offs.forEach((off) => off());
  }, [viewer, onPeer]);
}

/** Resizing sends a burst of sizes; the server needs the last one. */
const REPORT_DELAY_MS = 200;
const LARGEST = 0xffff;

/** Tells the server how large the picture is and whether anybody sees it, so that it sends no more than that. */
export function useViewport(
  viewer: Viewer,
  video: RefObject<HTMLVideoElement | null>,
  /** Whether the element shows what the viewer brings. */
  shown: boolean,
): void {
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const report = () => {
      const scale = window.devicePixelRatio;
      const pixels = (length: number) => Math.min(LARGEST, Math.round(length * scale));
      viewer.viewport({
        width: pixels(element.clientWidth),
        height: pixels(element.clientHeight),
        visible: shown && (!document.hidden || document.pictureInPictureElement === element),
      });
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(report, REPORT_DELAY_MS);
    };
    const observer = new ResizeObserver(soon);
    observer.observe(element);
    document.addEventListener('visibilitychange', report);
    element.addEventListener('enterpictureinpicture', report);
    element.addEventListener('leavepictureinpicture', report);
    report();
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener('visibilitychange', report);
      element.removeEventListener('enterpictureinpicture', report);
      element.removeEventListener('leavepictureinpicture', report);
    };
  }, [viewer, video, shown]);
}
