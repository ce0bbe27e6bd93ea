// A publisher: sends one camera, screen or pattern by WHIP and comes back by itself.

import type { ControlEvent } from '@/lib/api/generated/ControlEvent';
import type { LayerInfo } from '@/lib/api/generated/LayerInfo';
import type { MediaIssue } from '@/lib/api/generated/MediaIssue';
import { ProblemError } from '@/lib/api/problem';
import { Snapshot } from '@/lib/snapshot';
import { readStream } from '@/lib/streams/catalogue';
import { Connection } from './connection';
import type { CredentialSource } from './credential';
import { codecOrder, encodingsFor, type EncodingPlan } from './encoding';
import { ConnectionKeeper } from './keeper';
import { withStereoOpus } from './sdp';

export type PublisherPhase = 'connecting' | 'live' | 'reconnecting' | 'failed' | 'stopped';

export type Uplink = Omit<Extract<ControlEvent, { type: 'uplink' }>, 'type'>;

export interface PublisherState {
  phase: PublisherPhase;
  problem: ProblemError | null;
  /** When this publisher first went live, Date.now(). */
  since: number | null;
  viewers: number | null;
  /** As the server sees them, best first. */
  layers: readonly LayerInfo[];
  issues: readonly MediaIssue[];
  uplink: Uplink | null;
}

export interface PublisherSettings {
  endpoint: string;
  stream: string;
  /** A stream key, or the access token of somebody who may publish. */
  credential: CredentialSource;
  media: MediaStream;
  plan: EncodingPlan;
  degradation?: RTCDegradationPreference;
}

const AUDIO_BITRATE = 128_000;

export class Publisher {
  readonly state = new Snapshot<PublisherState>({
    phase: 'connecting',
    problem: null,
    since: null,
    viewers: null,
    layers: [],
    issues: [],
    uplink: null,
  });
  readonly #settings: PublisherSettings;
  readonly #keeper: ConnectionKeeper;

  constructor(settings: PublisherSettings) {
    this.#settings = settings;
    this.#keeper = new ConnectionKeeper(settings.endpoint, {
      create: (endpoint) => this.#create(endpoint),
      retryIn: (problem, usual) => this.#retryIn(problem, usual),
      mayReturn: (old) => this.#mayReturn(old),
    });
    this.#keeper.on('opened', () => {
      this.state.set({ phase: 'live', problem: null, since: this.state.get().since ?? Date.now() });
    });
    this.#keeper.on('lost', () => this.state.set({ phase: 'reconnecting', uplink: null }));
    this.#keeper.on('gaveUp', (problem) => this.state.set({ phase: 'failed', problem }));
    this.#keeper.on('event', (event) => this.#handle(event));
  }

  get connection(): Connection | null {
    return this.#keeper.current;
  }

  start(): void {
    this.#keeper.start();
  }

  /** Ends the stream for good: viewers are told at once that it is over. */
  stop(): void {
    this.connection?.session?.end({ broadcast: true });
    this.#keeper.stop();
    this.state.set({ phase: 'stopped' });
  }

  #create(endpoint: string): Connection {
    const { credential, media, plan } = this.#settings;
    return new Connection({
      endpoint,
      token: async () => (await credential())?.text ?? null,
      // Browsers send one channel unless the other side's description asks for two.
      editOffer: (sdp) => withStereoOpus(sdp, { stereo: '1', 'sprop-stereo': '1' }),
      editAnswer: (sdp) =>
        withStereoOpus(sdp, { stereo: '1', maxaveragebitrate: String(AUDIO_BITRATE) }),
      prepare: (peer) => {
        const [audio] = media.getAudioTracks();
        const [video] = media.getVideoTracks();
        if (audio) peer.addTransceiver(audio, { direction: 'sendonly', streams: [media] });
        if (!video) return;
        const transceiver = peer.addTransceiver(video, {
          direction: 'sendonly',
          streams: [media],
          sendEncodings: encodingsFor(plan),
        });
        const order = codecOrder(plan.codec, RTCRtpSender.getCapabilities('video')?.codecs ?? []);
        if (order.length > 0) transceiver.setCodecPreferences(order);
        offerCaptureTime(transceiver);
        void this.#setDegradation(transceiver.sender);
      },
    });
  }

  async #setDegradation(sender: RTCRtpSender): Promise<void> {
    if (this.#settings.degradation === undefined) return;
    try {
      const parameters = sender.getParameters() as RTCRtpSendParameters & {
        degradationPreference?: RTCDegradationPreference;
      };
      parameters.degradationPreference = this.#settings.degradation;
      await sender.setParameters(parameters);
    } catch {
      // Firefox does not know the preference; the browser's own choice is good enough.
    }
  }

  #handle(event: ControlEvent): void {
    switch (event.type) {
      case 'audience':
        this.state.set({ viewers: event.viewers });
        break;
      case 'layers':
        this.state.set({ layers: event.layers });
        break;
      case 'issues':
        this.state.set({ issues: event.issues });
        break;
      case 'uplink': {
        const { type: _, ...uplink } = event;
        this.state.set({ uplink });
        break;
      }
      default:
        break;
    }
  }

  #retryIn(problem: ProblemError, usual: number): number | null {
    switch (problem.code) {
      case 'network':
      case 'timeout':
      case 'overloaded':
      case 'rate_limited':
      case 'internal':
        // The first attempt shows its error instead: somebody waits in front of it.
        if (this.state.get().since === null && problem.code !== 'timeout') return null;
        this.state.set({ phase: 'reconnecting', problem });
        return Math.max(usual, problem.retryAfter ?? 0);
      default:
        return null;
    }
  }

  /** When the same key goes live elsewhere it takes over: coming back would start a tug of war. */
  async #mayReturn(old: Connection): Promise<void> {
    try {
      if (await old.session?.exists()) return;
      const info = await readStream(this.#settings.stream);
      if (info.state !== 'live') return;
    } catch {
      return;
    }
    throw new ProblemError('taken_over');
  }
}

interface HeaderExtension {
  uri: string;
  direction: RTCRtpTransceiverDirection;
}

/** Chromium knows abs-capture-time but sends it only when asked; with it viewers of any kind can measure latency. */
function offerCaptureTime(transceiver: RTCRtpTransceiver): void {
  const negotiable = transceiver as RTCRtpTransceiver & {
    getHeaderExtensionsToNegotiate?: () => HeaderExtension[];
    setHeaderExtensionsToNegotiate?: (extensions: HeaderExtension[]) => void;
  };
  const extensions = negotiable.getHeaderExtensionsToNegotiate?.();
  const wanted = extensions?.find((extension) => extension.uri.endsWith('/abs-capture-time'));
  if (!extensions || !wanted) return;
  wanted.direction = 'sendrecv';
  negotiable.setHeaderExtensionsToNegotiate?.(extensions);
}
