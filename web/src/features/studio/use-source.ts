import { useCallback, useEffect, useRef, useState } from 'react';
import { captureFailure, openCamera, openScreen, type CaptureFailure } from '@/lib/rtc/capture';
import { startPattern } from '@/lib/rtc/pattern';
import type { StudioSettings } from './settings';

export interface Source {
  stream: MediaStream | null;
  failure: CaptureFailure | null;
  opening: boolean;
  /** Opens what the settings name; null where it failed. */
  open(): Promise<MediaStream | null>;
}

interface Opened {
  stream: MediaStream;
  stop(): void;
}

/** The camera, screen or pattern that the settings name. It is closed when another is chosen. */
export function useSource(settings: StudioSettings, onEnded: () => void): Source {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [failure, setFailure] = useState<CaptureFailure | null>(null);
  const [opening, setOpening] = useState(false);
  const current = useRef<Opened | null>(null);
  const ended = useRef(onEnded);
  useEffect(() => {
    ended.current = onEnded;
  }, [onEnded]);
  const { source, camera, microphone, pattern, width, height, fps } = settings;

  const close = useCallback(() => {
    current.current?.stop();
    current.current = null;
    setOpened(null);
  }, []);

  const open = useCallback(async () => {
    setFailure(null);
    setOpening(true);
    try {
      const next = await openSource({ source, camera, microphone, pattern, width, height, fps });
      close();
      current.current = next;
      // People end a shared screen with the browser's own button.
      next.stream.getVideoTracks().forEach((track) =>
        track.addEventListener('ended', () => {
          close();
          ended.current();
        }),
      );
      setOpened(next);
      return next.stream;
    } catch (error) {
      setFailure(captureFailure(error));
      return null;
    } finally {
      setOpening(false);
    }
  }, [source, camera, microphone, pattern, width, height, fps, close]);

  useEffect(() => {
    let left = false;
    const mayOpen = async () =>
      source === 'pattern' || (source === 'camera' && (await cameraAllowed()));
    void mayOpen().then((allowed) => {
      if (allowed && !left) void open();
    });
    return () => {
      left = true;
      close();
      setFailure(null);
    };
  }, [source, open, close]);

  return { stream: opened?.stream ?? null, failure, opening, open };
}

type Wanted = Pick<
  StudioSettings,
  'source' | 'camera' | 'microphone' | 'pattern' | 'width' | 'height' | 'fps'
>;

async function openSource(wanted: Wanted): Promise<Opened> {
  if (wanted.source === 'pattern') {
    const { pattern, width, height, fps } = wanted;
    return startPattern({ kind: pattern, width, height, fps });
  }
  const stream = await (wanted.source === 'screen'
    ? openScreen(wanted)
    : openCamera(wanted, wanted));
  return { stream, stop: () => stream.getTracks().forEach((track) => track.stop()) };
}

/** A page that was allowed the camera before shows it at once; it never asks by itself. */
async function cameraAllowed(): Promise<boolean> {
  try {
    const permission = await navigator.permissions.query({ name: 'camera' });
    return permission.state === 'granted';
  } catch {
    return false;
  }
}
