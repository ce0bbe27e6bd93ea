import { Check, Minus, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { serverInfo } from '@/lib/api/client';
import { sentBitrate, supportedCodecs } from '@/lib/rtc/encoding';
import { useT } from '@/messages/i18n';
import { CheckConnection } from './CheckConnection';
import { CODEC_NAMES } from './QualityFields';
import type { StudioSettings } from './settings';
import type { Source } from './use-source';
import { useSoundLevel } from './use-sound-level';
import styles from './Preflight.module.css';

type Verdict = 'good' | 'warn' | 'waiting';

/** What would go wrong is better known before than after the red button. */
export function Preflight({ source, settings }: { source: Source; settings: StudioSettings }) {
  const t = useT();
  const answer = useServerAnswer();
  const sound = useSoundLevel(source.stream);
  const picture = source.stream?.getVideoTracks()[0]?.getSettings();
  const codecOk = supportedCodecs().includes(settings.codec);
  return (
    <section className={styles.preflight} aria-label={t('studio.preflight')}>
      <header className={styles.head}>
        <h2 className={styles.title}>{t('studio.preflight')}</h2>
        <CheckConnection bitrate={sentBitrate(settings)} codec={settings.codec} />
      </header>
      <ul className={styles.list}>
        <Line
          name={t('studio.preflight.picture')}
          verdict={picture === undefined ? 'waiting' : 'good'}
        >
          {picture === undefined
            ? t('studio.preflight.waiting')
            : t('studio.preflight.size', {
                width: String(picture.width ?? settings.width),
                height: String(picture.height ?? settings.height),
              })}
        </Line>
        <Line
          name={t('studio.preflight.sound')}
          verdict={sound === null ? 'waiting' : sound === 'heard' ? 'good' : 'warn'}
        >
          {sound === null ? t('studio.preflight.waiting') : t(`studio.preflight.${sound}`)}
        </Line>
        <Line
          name={t('studio.preflight.server')}
          verdict={answer === null ? 'waiting' : answer === 'none' ? 'warn' : 'good'}
        >
          {answer === null
            ? t('studio.preflight.waiting')
            : answer === 'none'
              ? t('studio.preflight.noAnswer')
              : t('studio.preflight.answer', { value: answer })}
        </Line>
        <Line name={t('studio.preflight.codec')} verdict={codecOk ? 'good' : 'warn'}>
          {codecOk
            ? t('studio.preflight.codecOk', { codec: CODEC_NAMES[settings.codec] })
            : t('studio.codec.unsupported')}
        </Line>
      </ul>
    </section>
  );
}

const ICONS = { good: Check, warn: TriangleAlert, waiting: Minus };

function Line({ name, verdict, children }: { name: string; verdict: Verdict; children: string }) {
  const Icon = ICONS[verdict];
  return (
    <li className={styles.line} data-verdict={verdict}>
      <Icon size={16} aria-hidden="true" />
      <span>{name}</span>
      <span className={styles.value}>{children}</span>
    </li>
  );
}

/** How long the server takes to answer, in milliseconds. */
function useServerAnswer(): number | 'none' | null {
  const [answer, setAnswer] = useState<number | 'none' | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const asked = performance.now();
    serverInfo(abort.signal).then(
      () => setAnswer(Math.max(1, Math.round(performance.now() - asked))),
      () => {
        if (!abort.signal.aborted) setAnswer('none');
      },
    );
    return () => abort.abort();
  }, []);
  return answer;
}
