import { useCallback, useEffect, useState, type RefObject } from 'react';
import type { Viewer } from '@/lib/rtc/whep';

export interface Playback {
  paused: boolean;
  muted: boolean;
  volume: number;
  /** The browser allowed sound only after a gesture, so it was turned off to play at all. */
  mutedByBrowser: boolean;
  /** The browser plays nothing without a gesture. */
  blocked: boolean;
  togglePlay(): void;
  play(): void;
  toggleMute(): void;
  setVolume(volume: number): void;
}

const STORED_VOLUME = 'sluice.volume';

function storedVolume(): number {
  const stored = Number(localStorage.getItem(STORED_VOLUME) ?? '1');
  return stored >= 0 && stored <= 1 ? stored : 1;
}

/** Plays the stream in the element; keeps the last picture of the one before until the first of the next. */
export function usePlayback(
  viewer: Viewer | null,
  video: RefObject<HTMLVideoElement | null>,
  still: RefObject<HTMLCanvasElement | null>,
  /** Of a direct line; null leaves the element to something else. */
  stream: MediaStream | null,
  startMuted: boolean,
): Playback {
  const [paused, setPaused] = useState(false);
  const [muted, setMuted] = useState(startMuted);
  const [volume, setVolumeState] = useState(storedVolume);
  const [mutedByBrowser, setMutedByBrowser] = useState(false);
  const [blocked, setBlocked] = useState(false);

  const play = useCallback(() => {
    const element = video.current;
    if (element !== null && hasMedia(element))
      void start(element, { setMuted, setMutedByBrowser, setBlocked });
  }, [video]);

  useEffect(() => {
    const element = video.current;
    if (!element || element.srcObject === stream) return;
    keepPicture(element, still.current);
    element.srcObject = stream;
    if (stream === null) return;
    revealNext(element, still.current);
    play();
  }, [video, still, stream, play]);

  useEffect(
    () =>
      viewer?.on('lost', () => {
        if (video.current) keepPicture(video.current, still.current);
      }),
    [viewer, video, still],
  );

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.volume = volume;
    element.muted = muted;
  }, [video, volume, muted]);

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const follow = () => setPaused(element.paused && hasMedia(element));
    element.addEventListener('play', follow);
    element.addEventListener('pause', follow);
    return () => {
      element.removeEventListener('play', follow);
      element.removeEventListener('pause', follow);
    };
  }, [video]);

  return {
    paused,
    muted,
    volume,
    mutedByBrowser: mutedByBrowser && muted,
    blocked,
    play,
    togglePlay: () => {
      const element = video.current;
      if (!element) return;
      if (element.paused) play();
      else element.pause();
    },
    toggleMute: () => {
      setMutedByBrowser(false);
      setMuted(!muted);
      if (muted && volume === 0) setVolumeState(0.5);
    },
    setVolume: (next) => {
      const bounded = Math.min(1, Math.max(0, next));
      localStorage.setItem(STORED_VOLUME, String(bounded));
      setVolumeState(bounded);
      setMuted(bounded === 0);
      setMutedByBrowser(false);
    },
  };
}

function hasMedia(element: HTMLVideoElement): boolean {
  return element.srcObject !== null || element.networkState !== HTMLMediaElement.NETWORK_EMPTY;
}

interface Outcome {
  setMuted(muted: boolean): void;
  setMutedByBrowser(muted: boolean): void;
  setBlocked(blocked: boolean): void;
}

async function start(element: HTMLVideoElement, outcome: Outcome): Promise<void> {
  try {
    await element.play();
    outcome.setBlocked(false);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
    if (element.muted) {
      outcome.setBlocked(true);
      return;
    }
    element.muted = true;
    outcome.setMuted(true);
    outcome.setMutedByBrowser(true);
    await start(element, outcome);
  }
}

/** An element goes black when its stream ends or is exchanged, so the last picture is copied over it. */
export function keepPicture(video: HTMLVideoElement, canvas: HTMLCanvasElement | null): void {
  if (!canvas?.hidden || video.videoWidth === 0) return;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  canvas.hidden = false;
}

/** Takes the copy away once the next picture is there. */
export function revealNext(video: HTMLVideoElement, canvas: HTMLCanvasElement | null): void {
  const reveal = () => {
    if (canvas) canvas.hidden = true;
  };
  if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(reveal);
  else (video as HTMLVideoElement).addEventListener('playing', reveal, { once: true });
}
