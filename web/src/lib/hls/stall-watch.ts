// Whether the picture of a media element moves, and for how long it has not.

/** A stop that is shorter than this is not worth a word. */
const STALL_MS = 600;
/** A picture that stands for longer is called interrupted. */
const INTERRUPTED_MS = 4000;

interface StallEvents {
  onMove(): void;
  onStall(): void;
  onInterrupted(): void;
  onPause(): void;
}

export class StallWatch {
  readonly #events: StallEvents;
  readonly #offs: (() => void)[];
  #timers: ReturnType<typeof setTimeout>[] = [];

  constructor(video: HTMLVideoElement, events: StallEvents) {
    this.#events = events;
    const listen = (type: string, listener: () => void) => {
      video.addEventListener(type, listener);
      return () => video.removeEventListener(type, listener);
    };
    const moves = () => {
      if (!video.seeking) this.#moves();
    };
    this.#offs = [
      listen('playing', moves),
      // At the end of what is loaded the time may be told, and nudged, although nothing moves.
      listen('timeupdate', () => {
        if (video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) moves();
      }),
      // Whoever pauses waits for nothing.
      listen('pause', () => {
        this.settle();
        events.onPause();
      }),
      listen('waiting', () => this.#waits()),
    ];
  }

  /** Nothing is expected: it is over, or another thing is said already. */
  settle(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers = [];
  }

  stop(): void {
    this.settle();
    this.#offs.forEach((off) => off());
  }

  #moves(): void {
    this.settle();
    this.#events.onMove();
  }

  #waits(): void {
    if (this.#timers.length > 0) return;
    this.#timers = [
      setTimeout(() => this.#events.onStall(), STALL_MS),
      setTimeout(() => this.#events.onInterrupted(), INTERRUPTED_MS),
    ];
  }
}
