import type { ReactNode } from 'react';
import { CodeBlock, CopyLine } from '@/components/Copy';
import type { ServerInfo } from '@/lib/api/types';
import type { MessageKey } from '@/messages/en';
import { useT } from '@/messages/i18n';
import { ffmpegCommand, gstreamerCommand } from './encoder-commands';
import { CheckConnection } from './CheckConnection';
import styles from './EncoderGuide.module.css';

const OBS_STEPS: MessageKey[] = [
  'encoder.obs.1',
  'encoder.obs.2',
  'encoder.obs.3',
  'encoder.obs.4',
  'encoder.obs.5',
];

const MASK = '••••••••';

/** How to publish from OBS, ffmpeg or GStreamer. */
export function EncoderGuide({
  stream,
  server,
  keyText,
  keyField,
  head,
  tick,
}: {
  stream: string;
  server: Pick<ServerInfo, 'whip_url'> | null;
  /** Null until it is entered or shown. */
  keyText: string | null;
  /** In place of the line that shows the key. */
  keyField?: ReactNode;
  head?: ReactNode;
  tick: ReactNode;
}) {
  const t = useT();
  const base = server?.whip_url ?? `${location.origin}/whip`;
  const url = `${base}/${stream === '' ? '…' : stream}`;
  const target = { url, key: keyText ?? '…' };
  const shown = { url, key: keyText === null ? '…' : MASK };
  return (
    <div className={styles.page}>
      <div className={styles.column}>
        {head}
        <section className={styles.card}>
          <CopyLine label={t('encoder.address')} value={url} />
          {keyField ??
            (keyText === null ? (
              <p className={styles.quiet}>{t('encoder.key.enter')}</p>
            ) : (
              <CopyLine label={t('encoder.key')} value={keyText} secret />
            ))}
        </section>
        {tick}
        <CheckConnection bitrate={null} />
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
