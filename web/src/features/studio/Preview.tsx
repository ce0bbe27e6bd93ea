import { Camera, MonitorUp, TvMinimal } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button } from '@/components/Button';
import { StatePill } from '@/components/Pill';
import { useT } from '@/messages/i18n';
import type { SourceKind } from './settings';
import type { Source } from './use-source';
import styles from './Preview.module.css';

const ICONS = { camera: Camera, screen: MonitorUp, pattern: TvMinimal };

/** What viewers will see. Sound stays off here, or it would come back through the microphone. */
export function Preview({
  source,
  kind,
  live,
}: {
  source: Source;
  kind: SourceKind;
  live: boolean;
}) {
  const t = useT();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = source.stream;
  }, [source.stream]);
  const Icon = ICONS[kind];
  return (
    <section className={styles.preview} aria-label={t('studio.preview')}>
      <video
        ref={video}
        className={styles.video}
        autoPlay
        playsInline
        muted
        hidden={source.stream === null}
      />
      {source.stream === null && (
        <div className={styles.empty}>
          <Icon size={32} aria-hidden="true" />
          {source.failure === null ? (
            <p>{t('studio.preview.empty')}</p>
          ) : (
            <p role="alert" className={styles.failure}>
              {t(`capture.${source.failure}`)}
            </p>
          )}
          <Button disabled={source.opening} onClick={() => void source.open()}>
            {t(`studio.preview.open.${kind}`)}
          </Button>
        </div>
      )}
      {live && (
        <span className={styles.state}>
          <StatePill state="live" />
        </span>
      )}
    </section>
  );
}
