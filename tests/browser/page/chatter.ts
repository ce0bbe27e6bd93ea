// A member that has nothing but a data channel, and says what no member should.

import { connectionReaches, gathered, postOffer } from './http.ts';

/** How long answers may take to come. */
const ANSWERS_MS = 3_000;

export class Chatter {
  readonly #pc: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #codes: string[] = [];

  private constructor(pc: RTCPeerConnection, channel: RTCDataChannel) {
    this.#pc = pc;
    this.#channel = channel;
    channel.addEventListener('message', ({ data }) => {
      const event = JSON.parse(String(data)) as { type: string; code?: string };
      if (event.type === 'error' || event.type === 'bye') this.#codes.push(event.code ?? event.type);
      if (event.type === 'joined') this.#codes.push('joined');
    });
  }

  /** Offers a data channel and nothing else, and waits until it is open. */
  static async start({ url }: { url: string }): Promise<Chatter> {
    const pc = new RTCPeerConnection();
    const channel = pc.createDataChannel('sluice-chat');
    const chatter = new Chatter(pc, channel);
    await pc.setLocalDescription(await pc.createOffer());
    await gathered(pc);
    const { answer } = await postOffer(url, pc.localDescription?.sdp ?? '');
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
    await connectionReaches(pc, 'connected', 10_000);
    await chatter.#opened(channel);
    return chatter;
  }

  #opened = (channel: RTCDataChannel): Promise<void> =>
    new Promise((resolve) => {
      if (channel.readyState === 'open') resolve();
      else channel.addEventListener('open', () => resolve());
    });

  async #until(code: string): Promise<void> {
    const deadline = Date.now() + ANSWERS_MS;
    while (!this.#codes.includes(code) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Everything that is wrong, worst last; the codes that came back. */
  async misbehave(): Promise<string[]> {
    const channel = this.#channel;
    channel.send(JSON.stringify({ type: 'join', v: 1 }));
    await this.#until('joined');
    channel.send(new Uint8Array([0xff, 0xfe, 0x00, 0x80]));
    await this.#until('malformed_json');
    channel.send('not JSON at all');
    channel.send('['.repeat(4_000));
    channel.send(JSON.stringify({ type: 'world_domination' }));
    channel.send(JSON.stringify({ type: 'moderation', action: 'clear' }));
    channel.send('x'.repeat(Math.min(9_000, this.#pc.sctp?.maxMessageSize ?? 9_000)));
    await this.#until('body_too_large');
    const other = this.#pc.createDataChannel('anything-else');
    other.addEventListener('open', () => other.send('hello?'));
    for (let number = 0; number < 1_000 && channel.readyState === 'open'; number++) channel.send(JSON.stringify({ type: 'ping' }));
    await this.#until('rate_limited');
    return [...new Set(this.#codes)];
  }
}
