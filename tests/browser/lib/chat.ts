// Chats as pages show them and as bots hear them.

import { join as joinPath, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { spawn, type ChildProcess } from 'node:child_process';

import type { Page } from 'playwright-core';

import type { Server } from './server.ts';
import { proxyBinary } from './venue.ts';
import type { Visit } from './visits.ts';

/** What the server tells members; only what the tests look at. */
export interface ChatEvent {
  type: string;
  ref?: string;
  state?: string;
  code?: string;
  id?: string;
  action?: string;
  message?: { id: string; text: string; author: { id: string | null; name: string; handle: string | null } };
  messages?: string[];
  history?: NonNullable<ChatEvent['message']>[];
  resumed?: boolean;
}

/** An event and when this machine had it. */
export interface Heard {
  event: ChatEvent;
  at: number;
}

const PATIENCE_MS = 15_000;

/** Somebody who keeps everything that it is told. */
export abstract class Ear {
  readonly heard: Heard[] = [];

  protected take(text: string): void {
    this.heard.push({ event: JSON.parse(text) as ChatEvent, at: Date.now() });
  }

  /** The first event that fits, of those since `from` or of those to come. */
  async until(what: string, fits: (event: ChatEvent) => boolean, from = 0): Promise<Heard> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = this.heard.slice(from).find(({ event }) => fits(event));
      if (found !== undefined) return found;
      if (Date.now() > deadline) {
        const last = this.heard.slice(-3).map(({ event }) => event);
        throw new Error(`waited ${PATIENCE_MS} ms for ${what}; the last were ${JSON.stringify(last)}`);
      }
      await sleep(5);
    }
  }

  /** Ids of all messages, in the order in which they came, since `from`. */
  ids = (from = 0): string[] =>
    this.heard.slice(from).flatMap(({ event }) => (event.type === 'message' ? [event.message?.id ?? ''] : []));

  /** Waits for a message that has this text in it. */
  hears = (text: string): Promise<Heard> =>
    this.until(`"${text}"`, ({ type, message }) => type === 'message' && message?.text.includes(text) === true);
}

/** A bot on `/ws`. */
export class SocketBot extends Ear {
  readonly #socket: WebSocket;
  readonly #topic: string;
  /** Resolves when the connection is over. */
  readonly over: Promise<void>;

  private constructor(socket: WebSocket, topic: string) {
    super();
    this.#socket = socket;
    this.#topic = topic;
    socket.addEventListener('message', ({ data }) => this.take(String(data)));
    this.over = new Promise((done) => socket.addEventListener('close', () => done()));
  }

  /** Says hello with a key and asks to join; the answer is among what it heard. */
  static async connect(server: Server, stream: string, token: string): Promise<SocketBot> {
    const socket = new WebSocket(`${server.http.replace('http', 'ws')}/ws`);
    const bot = new SocketBot(socket, `chat:${stream}`);
    await new Promise<void>((open, failed) => {
      socket.addEventListener('open', () => open());
      socket.addEventListener('error', () => failed(new Error('the WebSocket failed')));
    });
    socket.send(JSON.stringify({ type: 'hello', token }));
    await bot.until('hello', ({ type }) => type === 'hello');
    bot.ask({ type: 'join', v: 1 });
    return bot;
  }

  /** A bot that was let in. */
  static async join(server: Server, stream: string, token: string): Promise<SocketBot> {
    const bot = await SocketBot.connect(server, stream, token);
    await bot.until('joined', ({ type }) => type === 'joined');
    return bot;
  }

  ask = (request: object): void => this.#socket.send(JSON.stringify({ topic: this.#topic, ...request }));

  say = (text: string, ref = text): void => this.ask({ type: 'message', ref, text });

  close = (): void => this.#socket.close();
}

/** The Rust bot of docs/bots.md, on a data channel; it writes down every event. */
export class ChannelBot extends Ear {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    super();
    this.#child = child;
    if (child.stdout === null) throw new Error('the bot has no output');
    createInterface({ input: child.stdout }).on('line', (line) => this.take(line));
  }

  static async join(server: Server, stream: string, key: string): Promise<ChannelBot> {
    const environment = { SLUICE_URL: server.http, SLUICE_STREAM: stream, SLUICE_KEY: key };
    const binary = joinPath(dirname(proxyBinary()), 'sluice-ping-bot');
    const bot = new ChannelBot(spawn(binary, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] }));
    await bot.until('joined', ({ type }) => type === 'joined');
    return bot;
  }

  stop = (): boolean => this.#child.kill();
}

/** The messages of the page, without what it has to say itself. */
const ROWS = `[...document.querySelectorAll('[role="log"] [role="article"][data-key]')]`;

/** The chat of a page. */
export class ChatPage {
  readonly visit: Visit;
  readonly page: Page;

  constructor(visit: Visit) {
    this.visit = visit;
    this.page = visit.page;
  }

  /** Waits until the chat is open, and by which way where that matters. */
  async open(way?: 'channel' | 'socket'): Promise<void> {
    await this.page.getByRole('log', { name: 'Messages' }).waitFor();
    await this.page.locator(way === undefined ? '[data-way]' : `[data-way="${way}"]`).first().waitFor({ state: 'attached' });
  }

  /** Writes a message and sends it. */
  async say(text: string): Promise<void> {
    await this.page.getByLabel('Write a message').fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  /** Waits until it shows a message with this text. */
  shows = (text: string, timeout = PATIENCE_MS): Promise<void> =>
    this.page.getByRole('log', { name: 'Messages' }).getByRole('article').filter({ hasText: text }).first().waitFor({ timeout });

  /** Ids of the messages in the order in which they are shown. */
  ids = (): Promise<string[]> => this.page.evaluate<string[]>(`${ROWS}.filter((row) => !row.hasAttribute('data-gone')).map((row) => row.dataset.key)`);

  /** When a message was taken away in this page (`Date.now()`); ask before it is. */
  gone = (id: string): Promise<number> =>
    this.page.evaluate<number>(`new Promise((resolve, reject) => {
      const is = () => {
        const row = document.querySelector('[role="log"] [data-key="${id}"]');
        return row === null || row.hasAttribute('data-gone');
      };
      const look = () => { if (is()) { observer.disconnect(); clearTimeout(timer); resolve(Date.now()); } };
      const observer = new MutationObserver(look);
      const timer = setTimeout(() => reject(new Error('the message ${id} is still there')), ${PATIENCE_MS});
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      look();
    })`);

  /** Uses one of the buttons of a message as a moderator does; when it was clicked. */
  async act(text: string, name: string | RegExp): Promise<number> {
    const row = this.page.getByRole('log', { name: 'Messages' }).getByRole('article').filter({ hasText: text }).last();
    await row.hover();
    const clicked = this.page.evaluate<number>(`new Promise((resolve) =>
      document.addEventListener('click', () => resolve(Date.now()), { capture: true, once: true }))`);
    await this.page.getByRole('log', { name: 'Messages' }).getByRole('button', { name }).click();
    return clicked;
  }
}
