// A WHIP publisher shaped like OBS 32, on the same libdatachannel.
//
// Like OBS it offers no candidates and never PATCHes; stamps RID and MID on every video packet even
// with one layer that no `a=rid` announces; declares only the first video SSRC, the other layers
// being that number plus their index, highest picture first; claims Constrained Baseline and sends
// High; reads PLI and does nothing about it; answers NACKs for the first layer only, on the same
// SSRC; checks the answer for `a=simulcast` with as many layers as it offered; insists on 201,
// Location and an answer; and sends DELETE after closing, expecting 200.

import assert from 'node:assert/strict';

import nodeDataChannel, { type PeerConnection, type Track } from 'node-datachannel';

import { encodePictures, encodeSound, FPS, type AccessUnit, type EncoderCodec } from './samples.ts';
import { asksForKeyFrame, h264Payloads, h265Payloads, nacks, rtcpPackets, rtpPacket, senderReport } from './rtp.ts';

const AUDIO_TYPE = 111;
const VIDEO_TYPE = 96;
const MID_EXTENSION = 1;
const RID_EXTENSION = 2;
const AUDIO_PACKET_MS = 20;
/** What OBS keeps for retransmission. */
const STORE_PACKETS = 4000;

export interface ObsOptions {
  url: string;
  token: string;
  /** Heights of the layers, highest first; one entry publishes without simulcast. */
  heights: number[];
  /** H.264 unless it says something else. */
  codec?: EncoderCodec;
}

interface Layer {
  rid: string;
  ssrc: number;
  pictures: AccessUnit[];
  sequence: number;
  packets: number;
  octets: number;
}

export class ObsShapedPublisher {
  readonly #pc: PeerConnection;
  readonly #video: Track;
  readonly #audio: Track;
  readonly #audioSsrc: number;
  readonly #layers: Layer[];
  readonly #sound: Buffer[];
  readonly #options: ObsOptions;
  readonly #store = new Map<number, Buffer>();
  #timer: NodeJS.Timeout | null = null;
  #audioSent = 0;
  #picturesSent = 0;
  #location = '';
  /** Resolves when the connection has ended after it was up. */
  readonly over: Promise<void>;
  #end: () => void = () => undefined;
  retransmitted = 0;
  keyFrameRequests = 0;

  private constructor(options: ObsOptions, layers: Layer[], sound: Buffer[], audioSsrc: number) {
    this.#options = options;
    this.#layers = layers;
    this.#sound = sound;
    this.#audioSsrc = audioSsrc;
    this.over = new Promise((resolve) => (this.#end = resolve));
    this.#pc = new nodeDataChannel.PeerConnection('obs', {
      iceServers: [],
      disableAutoNegotiation: true,
    });
    this.#audio = this.#pc.addTrack(audioDescription(audioSsrc));
    this.#video = this.#pc.addTrack(videoDescription(layers, options.codec ?? 'H264'));
    this.#video.onMessage((message) => this.#onRtcp(message));
  }

  /** Encodes, publishes, and resolves when the connection is up and media flows. */
  static async start(options: ObsOptions): Promise<ObsShapedPublisher> {
    const base = 1 + Math.floor(Math.random() * 2 ** 31);
    const layers = await Promise.all(
      options.heights.map(async (height, index): Promise<Layer> => {
        const width = (height * 16) / 9;
        const bitrate = Math.round(width * height * 3.5);
        const pictures = await encodePictures(options.codec ?? 'H264', width, height, bitrate);
        return { rid: String(index), ssrc: base + 1 + index, pictures, sequence: index * 1000, packets: 0, octets: 0 };
      }),
    );
    const publisher = new ObsShapedPublisher(options, layers, await encodeSound(), base);
    await publisher.#connect();
    return publisher;
  }

  async #connect(): Promise<void> {
    const pc = this.#pc;
    const described = new Promise<string>((resolve) => pc.onLocalDescription((sdp) => resolve(sdp)));
    const connected = new Promise<void>((resolve, reject) => {
      pc.onStateChange((state) => {
        if (state === 'connected') resolve();
        if (state === 'closed' || state === 'disconnected') this.#end();
        if (state === 'failed' || state === 'closed') reject(new Error(`the connection is ${state}`));
      });
      setTimeout(() => reject(new Error(`not connected in 8 s, ${pc.state()}`)), 8_000).unref();
    });
    connected.catch(() => undefined);
    pc.setLocalDescription('offer');
    // OBS gathers only after the answer; this binding gathers at once, so what it found is left out.
    const offer = (await described).replace(/a=(candidate:.*|end-of-candidates)\r\n/g, '');
    const response = await fetch(this.#options.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${this.#options.token}` },
      body: offer,
    });
    const answer = await response.text();
    assert.equal(response.status, 201, answer);
    this.#location = response.headers.get('Location') ?? '';
    assert.match(this.#location, /^http/, 'OBS needs an absolute Location');
    if (this.#layers.length > 1) checkSimulcast(answer, this.#layers.length);
    pc.setRemoteDescription(answer, 'answer');
    await connected;
    this.#play();
  }

  /** Sends what is due every few milliseconds, so that a late timer does not lower the rate. */
  #play(): void {
    const started = Date.now();
    const base = { audio: 12_345, video: 98_765 };
    let reported = 0;
    this.#timer = setInterval(() => {
      const elapsed = Date.now() - started;
      for (; this.#audioSent * AUDIO_PACKET_MS <= elapsed; this.#audioSent++) this.#sendSound(base.audio);
      for (; (this.#picturesSent * 1000) / FPS <= elapsed; this.#picturesSent++) this.#sendPictures(base.video);
      if (elapsed - reported >= 1000) {
        reported = elapsed;
        this.#sendReports(base, elapsed);
      }
    }, 5);
  }

  #sendSound(base: number): void {
    const payload = this.#sound[this.#audioSent % this.#sound.length];
    if (payload === undefined || !this.#audio.isOpen()) return;
    this.#audio.sendMessageBinary(
      rtpPacket(
        {
          payloadType: AUDIO_TYPE,
          marker: this.#audioSent === 0,
          sequence: this.#audioSent,
          timestamp: base + this.#audioSent * AUDIO_PACKET_MS * 48,
          ssrc: this.#audioSsrc,
          extensions: [],
        },
        payload,
      ),
    );
  }

  #sendPictures(base: number): void {
    if (!this.#video.isOpen()) return;
    for (const [index, layer] of this.#layers.entries()) {
      const picture = layer.pictures[this.#picturesSent % layer.pictures.length] ?? [];
      const payloads = this.#options.codec === 'H265' ? h265Payloads(picture) : h264Payloads(picture);
      for (const [part, payload] of payloads.entries()) {
        const packet = rtpPacket(
          {
            payloadType: VIDEO_TYPE,
            marker: part === payloads.length - 1,
            sequence: layer.sequence,
            timestamp: base + Math.round((this.#picturesSent * 90_000) / FPS),
            ssrc: layer.ssrc,
            extensions: [
              { id: MID_EXTENSION, value: '1' },
              { id: RID_EXTENSION, value: layer.rid },
            ],
          },
          payload,
        );
        if (index === 0) {
          this.#store.set(layer.sequence, packet);
          this.#store.delete((layer.sequence - STORE_PACKETS) & 0xffff);
        }
        layer.sequence = (layer.sequence + 1) & 0xffff;
        layer.packets += 1;
        layer.octets += payload.length;
        this.#video.sendMessageBinary(packet);
      }
    }
  }

  #sendReports(base: { audio: number; video: number }, elapsed: number): void {
    const now = Date.now();
    if (!this.#video.isOpen()) return;
    this.#audio.sendMessageBinary(senderReport(this.#audioSsrc, now, base.audio + elapsed * 48, this.#audioSent, 0));
    for (const layer of this.#layers) {
      this.#video.sendMessageBinary(senderReport(layer.ssrc, now, base.video + elapsed * 90, layer.packets, layer.octets));
    }
  }

  #onRtcp(message: Buffer): void {
    for (const packet of rtcpPackets(message)) {
      // Counted and ignored, as in OBS.
      if (asksForKeyFrame(packet)) this.keyFrameRequests += 1;
      for (const { ssrc, sequence } of nacks(packet)) {
        const stored = this.#store.get(sequence);
        if (ssrc !== this.#layers[0]?.ssrc || stored === undefined) continue;
        this.#video.sendMessageBinary(stored);
        this.retransmitted += 1;
      }
    }
  }

  /** Vanishes without a word, as a crash does. */
  vanish(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Ends as OBS does: closes first, then DELETE. The status of the DELETE. */
  async stop(): Promise<number> {
    this.vanish();
    this.#pc.close();
    const response = await fetch(this.#location, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${this.#options.token}` },
    });
    return response.status;
  }
}

function audioDescription(ssrc: number): InstanceType<typeof nodeDataChannel.Audio> {
  const audio = new nodeDataChannel.Audio('0', 'SendOnly');
  audio.addOpusCodec(AUDIO_TYPE, 'minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1');
  audio.addSSRC(ssrc, 'obs', 'obs', 'obs-audio');
  return audio;
}

function videoDescription(layers: Layer[], codec: EncoderCodec): InstanceType<typeof nodeDataChannel.Video> {
  const video = new nodeDataChannel.Video('1', 'SendOnly');
  if (codec === 'H265') video.addH265Codec(VIDEO_TYPE);
  else video.addH264Codec(VIDEO_TYPE, 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1');
  video.parseSdpLine(`a=extmap:${MID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:mid`);
  video.parseSdpLine(`a=extmap:${RID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id`);
  video.addSSRC(layers[0]?.ssrc ?? 1, 'obs', 'obs', 'obs-video');
  if (layers.length > 1) {
    for (const { rid } of layers) video.parseSdpLine(`a=rid:${rid} send`);
    video.parseSdpLine(`a=simulcast:send ${layers.map(({ rid }) => rid).join(';')}`);
  }
  return video;
}

/** OBS's own check: the first `a=simulcast`, CRLF line ends, as many layers as were offered. */
function checkSimulcast(answer: string, layers: number): void {
  const start = answer.indexOf('a=simulcast');
  assert.ok(start >= 0, `the answer refuses simulcast:\n${answer}`);
  const end = answer.indexOf('\r\n', start);
  assert.ok(end > start, 'the answer has no CRLF line ends');
  assert.equal(answer.slice(start, end).split(';').length, layers, 'the answer drops layers');
}
