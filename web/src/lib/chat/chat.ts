// The chat of a stream for one page: joins, resumes, says, hears. Whatever way it goes.

import type { ChatEvent } from '@/lib/api/generated/ChatEvent';
import type { ChatRequest } from '@/lib/api/generated/ChatRequest';
import type { Quote } from '@/lib/api/generated/Quote';
import { Emitter } from '@/lib/emitter';
import type { Snapshot } from '@/lib/snapshot';
import { Applause, type Counts } from './applause';
import { Desk } from './desk';
import { Gathered } from './gathered';
import type { Line } from './line';
import { changes } from './notices';
import { Outbox } from './outbox';
import { Requests } from './requests';
import { Route } from './route';
import type { ChatEvents, ChatParts } from './parts';
import { CHAT_VERSION, PASSING, PUT_OUT_MS, type ChatState } from './state';
import { Transcript } from './transcript';
import { NO_PERMISSIONS, type Act } from './types';

/** Messages that the server sends with `joined`; fewer are all there are. */
const FIRST_HISTORY = 50;
const OLDER = 100;

export class Chat extends Emitter<ChatEvents> {
  readonly desk = new Desk();
  readonly #parts: ChatParts;
  readonly #route: Route;
  readonly #requests = new Requests();
  readonly #transcript = new Transcript();
  readonly #outbox: Outbox;
  readonly #gathered: Gathered;
  readonly #applause = new Applause();

  constructor(parts: ChatParts) {
    super();
    this.#parts = parts;
    this.#gathered = new Gathered(this.#transcript, parts.soon);
    this.#route = new Route(parts);
    this.#outbox = new Outbox(this.#transcript, {
      ...parts,
      ref: () => this.#requests.ref(),
      send: (request) => this.#send(request),
      changed: () => this.#change({}, true),
    });
    this.#route.on('open', (line) => void this.#join(line));
    this.#route.on('lost', () => {
      this.#requests.fail();
      this.#change({ status: 'reconnecting', way: null });
    });
    this.#route.on('event', ({ line, event }) => this.#hear(line, event));
  }

  get state(): Snapshot<ChatState> {
    return this.#gathered.state;
  }

  /** `patient` where a connection with media is about to come. */
  start(patient: boolean): void {
    this.#route.start(patient);
  }

  stop(): void {
    this.#route.stop();
    this.#outbox.stop();
    this.#requests.fail();
  }

  /** The connection that carries media, or null. */
  use(peer: RTCPeerConnection | null): void {
    this.#route.use(peer);
  }

  /** Somebody signed in or out. The WebSocket says hello again by itself. */
  identify(): void {
    const { line } = this.#route;
    if (line?.kind === 'channel') void this.#join(line);
    else if (this.state.get().status === 'refused') this.retry();
  }

  /** After a refusal. */
  retry(): void {
    this.#change({ status: 'connecting', refusal: null });
    this.#route.stop();
    this.#route.start(false);
  }

  say(text: string, replyTo: Quote | null = null): void {
    this.#outbox.write(text, replyTo);
  }

  sayAgain(ref: string): void {
    this.#outbox.again(ref);
  }

  discard(ref: string): void {
    this.#transcript.dropOwn(ref);
    this.#change({}, true);
  }

  react(emote: string): void {
    if (this.#send({ type: 'reaction', emote })) this.#applaud(this.#applause.own(emote));
  }

  /** Keeps order; throws what the server refuses. */
  async act(act: Act): Promise<void> {
    await this.#requests.ask((ref) => this.#send({ type: 'moderation', ref, ...act }));
    if (act.action === 'approve' || act.action === 'deny') this.desk.drop(act.message);
  }

  async askMembers(): Promise<void> {
    this.desk.hear(await this.#requests.ask((ref) => this.#send({ type: 'members', ref })));
  }

  /** Keeps what is shown still while the reader looks back. */
  hold(still: boolean): void {
    if (still === this.#transcript.isStill) return;
    if (still) this.#transcript.hold();
    else this.#transcript.release();
    this.#change({}, true);
  }

  async older(): Promise<void> {
    const before = this.#transcript.oldest;
    if (before === null || !this.state.get().more || this.state.get().loadingOlder) return;
    this.#change({ loadingOlder: true });
    try {
      const answer = await this.#requests.ask((ref) =>
        this.#send({ type: 'history', ref, before, limit: OLDER }),
      );
      if (answer.type !== 'history') return;
      this.#transcript.prepend(answer.messages);
      this.#change({ more: answer.more }, true);
    } catch {
      // What is there stays; looking further back asks again.
    } finally {
      this.#change({ loadingOlder: false });
    }
  }

  #applaud(counts: Counts | null): void {
    if (counts !== null) this.emit('reactions', counts);
  }

  #send(request: ChatRequest): boolean {
    const { line } = this.#route;
    if (!line?.isOpen) return false;
    line.send(request);
    return true;
  }

  async #join(line: Line): Promise<void> {
    const token = line.kind === 'channel' ? await this.#parts.token().catch(() => null) : null;
    line.send({ type: 'join', v: CHAT_VERSION, token, after: this.#transcript.newest });
  }

  #hear(line: Line, event: ChatEvent): void {
    const inUse = line === this.#route.line;
    if (event.type === 'joined') return this.#joined(line, event);
    if (event.type === 'bye') return this.#putOut(event.code, event.detail, null);
    if (!inUse) {
      if (event.type === 'error') this.#putOut(event.code, event.detail, event.retry_after ?? null);
      return;
    }
    if (this.#requests.answer(event)) return;
    this.desk.hear(event);
    switch (event.type) {
      case 'message':
        if (!this.#outbox.delivered(event.message, this.#gathered.now.you)) break;
        this.emit('message', event.message);
        return this.#change({}, true);
      case 'deleted':
      case 'cleared':
      case 'moderation':
        return this.#change({}, this.#transcript.hear(event, this.#parts.now()));
      case 'you':
        return this.#you(event.you);
      case 'settings':
        return this.#settings(event.settings);
      case 'emotes':
        return this.#change({ emotesVersion: event.version });
      case 'pinned':
        return this.#change({ pinned: event.message });
      case 'presence':
        return this.#change({
          presence: { accounts: event.accounts, anonymous: event.anonymous },
        });
      case 'reactions':
        return this.#applaud(this.#applause.others(event.counts));
      case 'settled':
        return this.#outbox.settled(event.message, event.outcome);
      case 'ack':
      case 'error':
        this.#outbox.answered(event, this.#gathered.now);
        return this.#change({ nextAt: this.#outbox.nextAt }, true);
      default:
        break;
    }
  }

  #joined(line: Line, event: Extract<ChatEvent, { type: 'joined' }>): void {
    const first = this.#transcript.newest === null;
    this.#route.adopt(line);
    if (!first && !event.resumed)
      this.#transcript.say({ what: 'gap' }, event.history[0]?.at ?? this.#parts.now());
    for (const message of event.history) this.#outbox.delivered(message, event.you);
    this.#change(
      {
        status: 'open',
        way: line.kind,
        refusal: null,
        you: event.you,
        settings: event.settings,
        presence: event.presence,
        pinned: event.pinned ?? null,
        emotesVersion: event.emotes_version,
        ...(first ? { more: event.history.length >= FIRST_HISTORY } : {}),
      },
      true,
    );
    this.#outbox.resume();
  }

  #you(you: NonNullable<ChatState['you']>): void {
    const until = you.may.silent_until ?? null;
    const before = this.#gathered.now.you?.may ?? NO_PERMISSIONS;
    if (until !== null && until !== before.silent_until)
      this.#transcript.say({ what: 'silenced', until }, this.#parts.now());
    this.#change({ you }, true);
  }

  #settings(settings: NonNullable<ChatState['settings']>): void {
    const before = this.#gathered.now.settings;
    if (before !== null)
      for (const notice of changes(before, settings))
        this.#transcript.say(notice, this.#parts.now());
    this.#change({ settings }, true);
  }

  #putOut(code: Extract<ChatEvent, { type: 'bye' }>['code'], detail: string, wait: number | null) {
    if (PASSING.has(code)) return this.#route.again(wait ?? PUT_OUT_MS);
    this.#route.stop();
    this.#requests.fail();
    this.#change({ status: 'refused', way: null, refusal: { code, detail } });
  }

  #change(change: Partial<ChatState>, rows = false): void {
    this.#gathered.change(change, rows);
  }
}
