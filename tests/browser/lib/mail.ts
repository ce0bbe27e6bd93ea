// A mail server that keeps what it gets, for reading the links that people are sent.

import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string[];
  subject: string;
  text: string;
}

export class MailServer {
  readonly #server: SMTPServer;
  readonly #mails: Mail[] = [];

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        simpleParser(stream).then(({ subject = '', text = '' }) => {
          this.#mails.push({ to, subject, text });
          done();
        }, done);
      },
    });
  }

  static async start(): Promise<MailServer> {
    const mails = new MailServer();
    await new Promise<void>((resolve) => mails.#server.listen(0, '127.0.0.1', resolve));
    return mails;
  }

  /** The section of the server's configuration that sends mail here. */
  get configuration(): string {
    const { port } = this.#server.server.address() as AddressInfo;
    return `[smtp]\nhost = "127.0.0.1"\nport = ${port}\ntls = "none"\nfrom = "Sluice <sluice@example.org>"\n`;
  }

  /** The link to `page` of the oldest mail to somebody that has one; the mail is not found again. */
  async link(to: string, page: string, timeoutMs = 30_000): Promise<string> {
    const wanted = new RegExp(`https?://\\S*/${page}\\S*`);
    const until = Date.now() + timeoutMs;
    for (;;) {
      const at = this.#mails.findIndex((mail) => mail.to.includes(to) && wanted.test(mail.text));
      const [found] = at < 0 ? [] : this.#mails.splice(at, 1);
      const link = found === undefined ? undefined : wanted.exec(found.text)?.[0];
      if (link !== undefined) return link;
      if (Date.now() > until) throw new Error(`no mail to ${to} with a link to ${page}: ${JSON.stringify(this.#mails)}`);
      await sleep(20);
    }
  }

  close = (): Promise<void> => new Promise((resolve) => this.#server.close(resolve));
}
