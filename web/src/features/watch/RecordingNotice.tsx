import { Clock3, Radio, Trash2, VideoOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { ButtonLink } from '@/components/Button';
import { Still } from '@/components/StreamCard';
import { useTheme } from '@/components/theme';
import { paths } from '@/config/routes';
import type { Recording } from '@/lib/recordings/types';
import { useT } from '@/messages/i18n';
import styles from './Lock.module.css';

/** In place of the player, where there is nothing to play (yet). */
export function RecordingNotice({ recording }: { recording: Recording }) {
  const t = useT();
  const { pictureTheme } = useTheme();
  const what = whatOf(recording);
  const icons: Record<typeof what, ReactNode> = {
    live: <Radio size={26} />,
    processing: <Clock3 size={26} />,
    failed: <VideoOff size={26} />,
    deleted: <Trash2 size={26} />,
  };
  return (
    <div className={styles.curtain} data-theme={pictureTheme}>
      <div className={styles.behind} aria-hidden="true">
        <Still seed={recording.id} url={recording.poster_url} />
      </div>
      <section className={styles.card} role="status">
        <span className={styles.icon} aria-hidden="true">
          {icons[what]}
        </span>
        <h2 className={styles.title}>{t(`recording.${what}.title`)}</h2>
        <p className={styles.text}>{t(`recording.${what}.text`)}</p>
        {what === 'live' && (
          <div className={styles.action}>
            <ButtonLink look="primary" href={paths.watch(recording.stream.name)}>
              {t('recording.live.action')}
            </ButtonLink>
          </div>
        )}
      </section>
    </div>
  );
}

function whatOf(recording: Recording): 'live' | 'processing' | 'failed' | 'deleted' {
  if (recording.deleted_at !== null) return 'deleted';
  switch (recording.state) {
    case 'recording':
      return 'live';
    case 'failed':
      return 'failed';
    default:
      return 'processing';
  }
}
