// A viewer made of nothing but RTCPeerConnection and fetch, and what it can tell of its picture.

import {
  connectionReaches,
  gathered,
  iceFragment,
  onlyOver,
  patchFragment,
  postOffer,
  recordStates,
  selectedPair,
  throughProxy,
  withoutCandidates,
  type StateChange,
} from './http.ts';
import { Gauge, type PictureReport } from './gauge.ts';

export interface WatchOptions {
  url: string;
  token?: string;
  /** UDP port on 127.0.0.1 that stands in front of the server's. */
  proxyPort?: number;
  /** Goes through a relay of this Link header, and by nothing else. */
  relay?: { link: string; transport: 'udp' | 'tcp' };
  /** Look at the server's candidates of one transport only. */
  only?: 'udp' | 'tcp';
  /** Read the time code of each picture (costs some CPU). */
  timeCode?: boolean;
}

/** When the steps of joining happened, in milliseconds after the POST was made. */
export interface JoinTimes {
  answered: number;
  connected: number;
  firstPicture: number;
}

export interface ViewerReport extends PictureReport {
  framesDecoded: number;
  freezeCount: number;
  nack: number;
  pli: number;
  packetsLost: number;
  repaired: number;
  bytes: number;
  codec: string;
  /** SRTP profile, where the browser tells it. */
  cipher: string;
  jitterBufferMs: number;
  audioEnergy: number;
  audioSeconds: number;
}

export class Viewer {
  readonly pc: RTCPeerConnection;
  readonly video: HTMLVideoElement;
  readonly options: WatchOptions;
  readonly gauge: Gauge;
  readonly #states: StateChange[] = [];
  #times: JoinTimes = { answered: 0, connected: 0, firstPicture: 0 };
  location = '';
  etag: string | null = null;
  link: string | null = null;

  private constructor(options: WatchOptions) {
    this.options = options;
    this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', ...throughRelay(options.relay) });
    recordStates(this.pc, this.#states);
    this.video = videoElement();
    this.gauge = new Gauge(this.video, options.timeCode === true);
    this.pc.addEventListener('track', ({ streams: [stream] }) => {
      if (stream !== undefined && this.video.srcObject !== stream) this.video.srcObject = stream;
    });
  }

  /** Joins, and resolves at the first picture. */
  static async start(options: WatchOptions): Promise<Viewer> {
    const viewer = new Viewer(options);
    await viewer.#offer();
    return viewer;
  }

  async #offer(): Promise<void> {
    const { pc, options } = this;
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.addTransceiver('video', { direction: 'recvonly' });
    await pc.setLocalDescription(await pc.createOffer());
    const proxied = options.proxyPort !== undefined;
    const posted = performance.now();
    const exchange = await postOffer(options.url, withoutCandidates(pc.localDescription?.sdp ?? ''), options.token);
    const answered = performance.now() - posted;
    this.location = exchange.location;
    this.etag = exchange.etag;
    this.link = exchange.link;
    const first = this.gauge.reaches(1, 15_000);
    const answer = options.only === undefined ? exchange.answer : onlyOver(exchange.answer, options.only);
    await pc.setRemoteDescription({
      type: 'answer',
      sdp: proxied ? throughProxy(answer, options.proxyPort ?? 0) : answer,
    });
    if (!proxied) void this.#trickle();
    await connectionReaches(pc, 'connected', 10_000);
    const connected = performance.now() - posted;
    await first.catch(async (cause: unknown) => {
      throw new Error(`${String(cause)}; ${JSON.stringify(await this.report())}`);
    });
    this.#times = { answered, connected, firstPicture: this.gauge.firstAt - posted };
  }

  async #trickle(): Promise<void> {
    await gathered(this.pc);
    await patchFragment(this.location, iceFragment(this.pc.localDescription?.sdp ?? ''), this.etag);
  }

  times(): JoinTimes {
    return this.#times;
  }

  states(): StateChange[] {
    return this.#states;
  }

  /** Restarts ICE by PATCH with `If-Match: *` (RFC 9725 section 4.3.3); the new ETag replaces the old. */
  async restartIce(): Promise<{ status: number; etag: string | null; previous: string | null }> {
    const { pc } = this;
    await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
    await gathered(pc);
    const response = await patchFragment(this.location, iceFragment(pc.localDescription?.sdp ?? ''), '*');
    const fragment = await response.text();
    if (response.status !== 200) throw new Error(`restart: ${response.status} ${fragment}`);
    const previous = this.etag;
    this.etag = response.headers.get('ETag');
    const answer = withFragment(pc.currentRemoteDescription?.sdp ?? '', fragment);
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
    return { status: response.status, etag: this.etag, previous };
  }

  /** The candidate pair in use, as address:port of the other side. */
  async selectedRemote(): Promise<string> {
    return (await selectedPair(this.pc)).remote;
  }

  /** The transport of that pair. */
  async selectedProtocol(): Promise<string> {
    return (await selectedPair(this.pc)).protocol;
  }

  /** What kind of way of our own is in use, and by which transport a relay is reached: `relay udp`. */
  async selectedLocal(): Promise<string> {
    const stats = await this.pc.getStats();
    for (const entry of stats.values()) {
      if (entry.type !== 'transport' || entry.selectedCandidatePairId === undefined) continue;
      const local = stats.get(stats.get(entry.selectedCandidatePairId)?.localCandidateId);
      return `${local?.candidateType} ${local?.relayProtocol ?? ''}`.trim();
    }
    return '';
  }

  async report(): Promise<ViewerReport> {
    const stats = await this.pc.getStats();
    const inbound = [...stats.values()].filter((entry) => entry.type === 'inbound-rtp');
    const video = inbound.find((entry) => entry.kind === 'video') ?? {};
    const audio = inbound.find((entry) => entry.kind === 'audio') ?? {};
    const transport = [...stats.values()].find((entry) => entry.type === 'transport') ?? {};
    const emitted = video.jitterBufferEmittedCount ?? 0;
    return {
      ...this.gauge.report(),
      framesDecoded: video.framesDecoded ?? 0,
      freezeCount: video.freezeCount ?? 0,
      nack: video.nackCount ?? 0,
      pli: video.pliCount ?? 0,
      packetsLost: video.packetsLost ?? 0,
      repaired: video.retransmittedPacketsReceived ?? 0,
      bytes: video.bytesReceived ?? 0,
      codec: stats.get(video.codecId)?.mimeType ?? '',
      cipher: transport.srtpCipher ?? '',
      jitterBufferMs: emitted > 0 ? ((video.jitterBufferDelay ?? 0) / emitted) * 1000 : 0,
      audioEnergy: audio.totalAudioEnergy ?? 0,
      audioSeconds: audio.totalSamplesDuration ?? 0,
    };
  }

  async stop(): Promise<number> {
    const response = await fetch(this.location, { method: 'DELETE' });
    this.pc.close();
    this.video.remove();
    return response.status;
  }
}

/** The relays that a Link header names for one transport. */
function throughRelay(relay: WatchOptions['relay']): RTCConfiguration {
  if (relay === undefined) return {};
  const pattern = /<(turns?:[^>]*)>; rel="ice-server"; username="([^"]*)"; credential="([^"]*)"/g;
  const iceServers = [...relay.link.matchAll(pattern)]
    .map(([, urls = '', username = '', credential = '']) => ({ urls, username, credential }))
    .filter(({ urls }) => urls.endsWith(`transport=${relay.transport}`));
  if (iceServers.length === 0) throw new Error(`no relay by ${relay.transport} in ${relay.link}`);
  return { iceServers, iceTransportPolicy: 'relay' };
}

/** A video element that plays by itself. */
export function videoElement(): HTMLVideoElement {
  const video = document.createElement('video');
  video.autoplay = true;
  video.playsInline = true;
  video.width = 640;
  video.height = 360;
  document.body.append(video);
  return video;
}

/** The remote description with credentials and candidates replaced by those of a restart's answer. */
function withFragment(remote: string, fragment: string): string {
  const lines = fragment.split(/\r?\n/);
  const value = (prefix: string): string => {
    const line = lines.find((one) => one.startsWith(prefix));
    if (line === undefined) throw new Error(`the fragment has no ${prefix}`);
    return line;
  };
  const ufrag = value('a=ice-ufrag:');
  const pwd = value('a=ice-pwd:');
  const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
  return withoutCandidates(remote)
    .split(/\r\n/)
    .flatMap((line) => {
      if (line.startsWith('a=ice-ufrag:')) return [ufrag];
      if (line.startsWith('a=ice-pwd:')) return [pwd, ...candidates];
      return [line];
    })
    .join('\r\n');
}
