import { useCallback, useEffect, useMemo, useState } from 'react';
import { asProblem } from '@/components/use-load';
import { useSession } from '@/components/session';
import type { ProblemError } from '@/lib/api/problem';
import type { Credential, CredentialSource } from '@/lib/rtc/credential';
import type { Stream } from '@/lib/streams/types';
import { playbackToken } from '@/lib/streams/viewing';

/** A token that lives at least this long is good for another offer. */
const GOOD_FOR_MS = 30_000;

export interface Gate {
  /** `checking` while the server is asked; `open` plays, with a credential where one is needed. */
  state: 'checking' | 'open' | 'locked';
  credential: CredentialSource | undefined;
  /** Why it is locked. */
  problem: ProblemError | null;
  /** The password that opened it. */
  password: string | undefined;
  /** Tries again, perhaps with a password. */
  open(password?: string): Promise<void>;
}

/** Whether whoever is here may watch, and with which token. Public streams need none. */
export function useGate(stream: Stream): Gate {
  const { id, access } = stream;
  const needed = access !== 'public' && access !== 'unlisted';
  const { me, status } = useSession();
  const [state, setState] = useState<Gate['state']>(needed ? 'checking' : 'open');
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [password, setPassword] = useState<string | undefined>();
  const tokens = useMemo(() => new Tokens(id), [id]);
  const account = me?.id;

  const open = useCallback(
    async (tried?: string) => {
      try {
        await tokens.open(tried);
        setPassword(tried);
        setProblem(null);
        setState('open');
      } catch (error) {
        setProblem(asProblem(error));
        setState('locked');
      }
    },
    [tokens],
  );

  // Asked anew when somebody signs in or out: who they are decides.
  useEffect(() => {
    if (!needed || status === 'unknown') return;
    setState('checking');
    void open();
  }, [needed, open, status, account]);

  return {
    state: needed ? state : 'open',
    credential: needed ? tokens.source : undefined,
    problem,
    password,
    open,
  };
}

/** Playback tokens of one stream: the one in hand, or the next. */
class Tokens {
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
