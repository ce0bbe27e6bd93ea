import { Check } from 'lucide-react';
import { useCallback } from 'react';
import { ButtonLink } from '@/components/Button';
import { usePoll } from '@/components/use-poll';
import { paths } from '@/config/routes';
import { readStream } from '@/lib/streams/catalogue';
import { useT } from '@/messages/i18n';
import styles from './EncoderGuide.module.css';

/** Without an account nobody tells of an encoder, so the state of the stream is asked for. */
const REFRESH_MS = 1000;

/** Turns green the moment the stream has a publisher; null is no stream yet. */
export function EncoderTick({ stream }: { stream: string | null }) {
  const ask = useCallback((signal: AbortSignal) => readStream(stream ?? '', signal), [stream]);
  const { value, problem } = usePoll(stream === null ? null : ask, REFRESH_MS);
  const connected =
    problem === null && value !== null && (value.state === 'live' || value.state === 'starting');
  return <Tick stream={stream ?? ''} connected={connected} failure={problem?.code ?? null} />;
}

export function Tick({
  stream,
  connected,
  failure = null,
}: {
  stream: string;
  connected: boolean;
  /** Code of the problem that keeps this from being known. */
  failure?: string | null;
}) {
  const t = useT();
  const title = connected
    ? t('encoder.connected')
    : failure === null
      ? t('encoder.waiting')
      : t(failure === 'unknown_stream' ? 'encoder.unknown' : 'encoder.unreachable');
  return (
    <section className={styles.tick} data-connected={connected} role="status">
      <span className={styles.disc} aria-hidden="true">
        {connected && <Check size={20} strokeWidth={3} />}
      </span>
      <div className={styles.tickText}>
        <p className={styles.name}>{title}</p>
        {!connected && failure === null && (
          <p className={styles.quiet}>{t('encoder.waiting.text')}</p>
        )}
      </div>
      {connected && <ButtonLink href={paths.watch(stream)}>{t('studio.watchPage')}</ButtonLink>}
    </section>
  );
}
