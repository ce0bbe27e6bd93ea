// A publisher made of nothing but RTCPeerConnection and fetch.

import {
  connectionReaches,
  gathered,
  iceFragment,
  onlyOver,
  patchFragment,
  postOffer,
  recordStates,
  throughProxy,
  withoutCandidates,
  type StateChange,
} from './http.ts';
import { openSource, type SourceOptions } from './source.ts';

export type CodecName = 'H264' | 'VP8' | 'VP9' | 'AV1';

export interface LayerOptions {
  rid: string;
  scale: number;
  maxBitrate: number;
  scalabilityMode?: string;
}

export interface PublishOptions {
  url: string;
  token?: string;
  source: SourceOptions;
  codec: CodecName;
  /** Lowest first; one entry without simulcast when there is just one. */
  layers: LayerOptions[];
  /** UDP port on 127.0.0.1 that stands in front of the server's. */
  proxyPort?: number;
  /** Look at the server's candidates of one transport only. */
  only?: 'udp' | 'tcp';
}

/** What a publisher sends, by RID. */
export interface OutboundLayer {
  rid: string;
  width: number;
  height: number;
  framesEncoded: number;
  keyFrames: number;
  bytes: number;
  pli: number;
  active: boolean;
}

export class Publisher {
  readonly pc: RTCPeerConnection;
  readonly stream: MediaStream;
  readonly options: PublishOptions;
  readonly #states: StateChange[] = [];
  location = '';
  etag: string | null = null;

  private constructor(options: PublishOptions, stream: MediaStream) {
    this.options = options;
    this.stream = stream;
    this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    recordStates(this.pc, this.#states);
  }

  /** Opens the source, publishes, and resolves when ICE and DTLS are up. */
  static async start(options: PublishOptions): Promise<Publisher> {
    const publisher = new Publisher(options, await openSource(options.source));
    await publisher.#offer();
    await connectionReaches(publisher.pc, 'connected', 10_000);
    return publisher;
  }

  async #offer(): Promise<void> {
    const { pc, stream, options } = this;
    for (const track of stream.getAudioTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
    const [video] = stream.getVideoTracks();
    if (video === undefined) throw new Error('the source has no picture');
    const several = options.layers.length > 1;
    const transceiver = pc.addTransceiver(video, {
      direction: 'sendonly',
      streams: [stream],
      sendEncodings: options.layers.map((layer) => ({
        ...(several ? { rid: layer.rid } : {}),
        scaleResolutionDownBy: layer.scale,
        maxBitrate: layer.maxBitrate,
        ...(layer.scalabilityMode !== undefined ? { scalabilityMode: layer.scalabilityMode } : {}),
      })),
    });
    preferCodec(transceiver, options.codec, 'send');
    const parameters = transceiver.sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: string };
    parameters.degradationPreference = 'maintain-resolution';
    await transceiver.sender.setParameters(parameters).catch(() => undefined);
    await pc.setLocalDescription(await pc.createOffer());
    const proxied = options.proxyPort !== undefined;
    const offer = pc.localDescription?.sdp ?? '';
    const exchange = await postOffer(options.url, withoutCandidates(offer), options.token);
    this.location = exchange.location;
    this.etag = exchange.etag;
    const usable = options.only === undefined ? exchange.answer : onlyOver(exchange.answer, options.only);
    const answer = proxied ? throughProxy(usable, options.proxyPort ?? 0) : usable;
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
    if (!proxied) void this.#trickle();
  }

  async #trickle(): Promise<void> {
    await gathered(this.pc);
    await patchFragment(this.location, iceFragment(this.pc.localDescription?.sdp ?? ''), this.etag);
  }

  /** One entry a layer that the browser encodes. */
  async layers(): Promise<OutboundLayer[]> {
    const stats = [...(await this.pc.getStats()).values()];
    return stats
      .filter((entry) => entry.type === 'outbound-rtp' && entry.kind === 'video')
      .map((entry) => ({
        rid: entry.rid ?? '',
        width: entry.frameWidth ?? 0,
        height: entry.frameHeight ?? 0,
        framesEncoded: entry.framesEncoded ?? 0,
        keyFrames: entry.keyFramesEncoded ?? 0,
        bytes: entry.bytesSent ?? 0,
        pli: (entry.pliCount ?? 0) + (entry.firCount ?? 0),
        active: entry.active ?? true,
      }))
      .sort((one, other) => other.width - one.width);
  }

  /** States of the connection with the time (`Date.now()`) of each. */
  states(): StateChange[] {
    return this.#states;
  }

  /** Switches an encoding off or on, as browsers do by themselves under load. */
  async setActive(rid: string, active: boolean): Promise<void> {
    const sender = this.pc.getSenders().find((one) => one.track?.kind === 'video');
    if (sender === undefined) throw new Error('no video sender');
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) if (encoding.rid === rid) encoding.active = active;
    await sender.setParameters(parameters);
  }

  async stop(): Promise<number> {
    const headers: Record<string, string> = this.options.token === undefined ? {} : { Authorization: `Bearer ${this.options.token}` };
    const response = await fetch(this.location, { method: 'DELETE', headers });
    this.pc.close();
    for (const track of this.stream.getTracks()) track.stop();
    return response.status;
  }
}

/** Offers only `codec` and what belongs to it (RTX). */
export function preferCodec(transceiver: RTCRtpTransceiver, codec: CodecName, side: 'send' | 'receive'): void {
  const capabilities =
    side === 'send' ? RTCRtpSender.getCapabilities('video') : RTCRtpReceiver.getCapabilities('video');
  const wanted = (capabilities?.codecs ?? []).filter(({ mimeType }) =>
    [`video/${codec}`, 'video/rtx'].some((name) => name.toLowerCase() === mimeType.toLowerCase()),
  );
  if (wanted.length === 0) throw new Error(`this browser does not know ${codec}`);
  transceiver.setCodecPreferences(wanted);
}
