// Cameras, microphones and screens.

export interface CaptureSize {
  height: number;
  fps: number;
}

export interface CameraChoice {
  camera: string | null;
  microphone: string | null;
}

const SIXTEEN_BY_NINE = 16 / 9;

export function widthFor(height: number): number {
  return Math.round((height * SIXTEEN_BY_NINE) / 2) * 2;
}

export function openCamera(choice: CameraChoice, size: CaptureSize): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({
    video: {
      ...(choice.camera === null ? {} : { deviceId: { exact: choice.camera } }),
      width: { ideal: widthFor(size.height) },
      height: { ideal: size.height },
      frameRate: { ideal: size.fps },
    },
    audio: {
      ...(choice.microphone === null ? {} : { deviceId: { exact: choice.microphone } }),
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
    },
  });
}

export async function openScreen(size: CaptureSize): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: {
      width: { max: widthFor(size.height) },
      height: { max: size.height },
      frameRate: { ideal: size.fps },
    },
    // Music and games must not be treated as speech.
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  stream.getVideoTracks().forEach((track) => (track.contentHint = 'detail'));
  return stream;
}

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

/** What can be chosen; labels are empty until the person has allowed the use once. */
export async function devices(): Promise<Devices> {
  const all =
    (await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices()) ?? [];
  return {
    cameras: all.filter((device) => device.kind === 'videoinput' && device.deviceId !== ''),
    microphones: all.filter((device) => device.kind === 'audioinput' && device.deviceId !== ''),
  };
}

export type CaptureFailure = 'denied' | 'missing' | 'busy' | 'insecure' | 'unknown';

/** Why a camera or screen could not be opened, as something that can be said to a person. */
export function captureFailure(error: unknown): CaptureFailure {
  if (!window.isSecureContext) return 'insecure';
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'unknown';
  }
}
