// What opens a stream, and its recordings, for a while.

import type { Credential, CredentialSource } from '@/lib/rtc/credential';
import { playbackToken } from './viewing';

/** A token that lives at least this long is good for another request. */
const GOOD_FOR_MS = 30_000;

/** Playback tokens of one stream: the one in hand, or the next. */
export class PlaybackTokens {
  readonly #streamId: string;
  #password: string | undefined;
  #current: Credential | null = null;

  constructor(streamId: string) {
    this.#streamId = streamId;
  }

  async open(password?: string): Promise<void> {
    this.#password = password;
    await this.#ask();
  }

  readonly source: CredentialSource = async () => {
    const { expiresAt } = this.#current ?? {};
    if (expiresAt != null && expiresAt - Date.now() > GOOD_FOR_MS) return this.#current;
    return this.#ask();
  };

  async #ask(): Promise<Credential> {
    const { token, expires_in: seconds } = await playbackToken(this.#streamId, this.#password);
    this.#current = { text: token, expiresAt: Date.now() + seconds * 1000 };
    return this.#current;
  }
}
