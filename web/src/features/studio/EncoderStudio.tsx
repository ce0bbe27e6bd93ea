import { Check } from 'lucide-react';
import { useCallback } from 'react';
import { CodeBlock, CopyLine } from '@/components/Copy';
import { ButtonLink } from '@/components/Button';
import { usePoll } from '@/components/use-poll';
import { paths } from '@/config/routes';
import { streamInfo } from '@/lib/api/client';
import type { MessageKey } from '@/messages/en';
import { useT } from '@/messages/i18n';
import { validStreamName, type Credentials } from './credentials';
import { ffmpegCommand, gstreamerCommand } from './encoder-commands';
import { CredentialFields } from './SetUp';
import styles from './EncoderStudio.module.css';

/** The tick is to turn green the moment an encoder connects. */
const REFRESH_MS = 1000;

const OBS_STEPS: MessageKey[] = [
  'encoder.obs.1',
  'encoder.obs.2',
  'encoder.obs.3',
  'encoder.obs.4',
  'encoder.obs.5',
];

const MASK = '••••••••';

/** How to publish from OBS, ffmpeg or GStreamer, and whether it worked. */
export function EncoderStudio({ credentials }: { credentials: Credentials }) {
  const t = useT();
  const { stream, key, server } = credentials;
  const base = server?.whip_url ?? `${location.origin}/whip`;
  const url = `${base}/${stream === '' ? '…' : stream}`;
  const target = { url, key: key === '' ? '…' : key };
  const shown = { url, key: key === '' ? '…' : MASK };
  return (
    <div className={styles.page}>
      <div className={styles.column}>
        <section className={styles.card}>
          <CredentialFields credentials={credentials} strict={false} />
        </section>
        <section className={styles.card}>
          <CopyLine label={t('encoder.address')} value={url} />
          {key === '' ? (
            <p className={styles.quiet}>{t('encoder.key.enter')}</p>
          ) : (
            <CopyLine label={t('encoder.key')} value={key} secret />
          )}
        </section>
        <EncoderTick stream={stream} />
      </div>
      <div className={styles.column}>
        <section className={styles.card}>
          <h2 className={styles.name}>{t('encoder.obs')}</h2>
          <ol className={styles.steps}>
            {OBS_STEPS.map((step) => (
              <li key={step}>{t(step)}</li>
            ))}
          </ol>
        </section>
        <section className={styles.card}>
          <h2 className={styles.name}>{t('encoder.ffmpeg')}</h2>
          <p className={styles.quiet}>{t('encoder.ffmpeg.text')}</p>
          <CodeBlock
            label={t('encoder.ffmpeg')}
            text={ffmpegCommand(target)}
            shown={ffmpegCommand(shown)}
          />
        </section>
        <section className={styles.card}>
          <h2 className={styles.name}>{t('encoder.gstreamer')}</h2>
          <p className={styles.quiet}>{t('encoder.gstreamer.text')}</p>
          <CodeBlock
            label={t('encoder.gstreamer')}
            text={gstreamerCommand(target)}
            shown={gstreamerCommand(shown)}
          />
        </section>
      </div>
    </div>
  );
}

function EncoderTick({ stream }: { stream: string }) {
  const t = useT();
  const known = validStreamName(stream);
  const ask = useCallback((signal: AbortSignal) => streamInfo(stream, signal), [stream]);
  const { value, problem } = usePoll(known ? ask : null, REFRESH_MS);
  const connected =
    problem === null && value !== null && (value.state === 'live' || value.state === 'starting');
  const title = connected
    ? t('encoder.connected')
    : problem === null
      ? t('encoder.waiting')
      : t(problem.code === 'unknown_stream' ? 'encoder.unknown' : 'encoder.unreachable');
  return (
    <section className={styles.tick} data-connected={connected} role="status">
      <span className={styles.disc} aria-hidden="true">
        {connected && <Check size={20} strokeWidth={3} />}
      </span>
      <div className={styles.tickText}>
        <p className={styles.name}>{title}</p>
        {!connected && problem === null && (
          <p className={styles.quiet}>{t('encoder.waiting.text')}</p>
        )}
      </div>
      {connected && <ButtonLink href={paths.watch(stream)}>{t('studio.watchPage')}</ButtonLink>}
    </section>
  );
}
