// A canvas as a video track.

interface Film {
  track: MediaStreamTrack;
  /** Takes the canvas as it is now as the next picture. */
  shoot(): void;
}

/** Chromium's way to feed a track with pictures; TypeScript does not know it. */
interface TrackGenerator extends MediaStreamTrack {
  readonly writable: WritableStream<VideoFrame>;
}

type TrackGeneratorConstructor = new (init: { kind: 'video' }) => TrackGenerator;

/**
 * A captured canvas stands still while its tab is hidden, and a studio is hidden as soon as somebody
 * opens the watch page beside it. Where the browser takes pictures one by one, that does not happen.
 */
export function filmOf(canvas: HTMLCanvasElement): Film {
  const Generator = (window as { MediaStreamTrackGenerator?: TrackGeneratorConstructor })
    .MediaStreamTrackGenerator;
  return Generator
    ? filmByGenerator(canvas, new Generator({ kind: 'video' }))
    : filmByCapture(canvas);
}

function filmByGenerator(canvas: HTMLCanvasElement, track: TrackGenerator): Film {
  const writer = track.writable.getWriter();
  return {
    track,
    shoot: () => {
      // A picture that the track has no room for is late already; the next one is better.
      if (track.readyState === 'ended' || (writer.desiredSize ?? 0) <= 0) return;
      const frame = new VideoFrame(canvas, { timestamp: performance.now() * 1000 });
      writer.write(frame).catch(() => frame.close());
    },
  };
}

function filmByCapture(canvas: HTMLCanvasElement): Film {
  // Without a rate every drawn picture is taken at once, so that the drawing alone sets the pace.
  const [track] = canvas.captureStream().getVideoTracks();
  if (!track) throw new Error('The canvas has no track');
  return { track, shoot: () => undefined };
}
