import { useCallback, useEffect, useMemo, useState } from 'react';
import { asProblem } from '@/components/use-load';
import { useSession } from '@/components/session';
import type { ProblemError } from '@/lib/api/problem';
import type { CredentialSource } from '@/lib/rtc/credential';
import { PlaybackTokens } from '@/lib/streams/playback-tokens';
import type { Stream } from '@/lib/streams/types';

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
export function useGate(
  stream: Pick<Stream, 'id' | 'access'>,
  /** Whether even a public one needs a token: what is shown of it is not for everybody. */
  always = false,
): Gate {
  const { id, access } = stream;
  const needed = always || (access !== 'public' && access !== 'unlisted');
  const { me, status } = useSession();
  const [state, setState] = useState<Gate['state']>(needed ? 'checking' : 'open');
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [password, setPassword] = useState<string | undefined>();
  const tokens = useMemo(() => new PlaybackTokens(id), [id]);
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
