import { Eye } from 'lucide-react';
import { Link } from 'wouter';
import { AccessBadge } from '@/components/Badges';
import { ButtonLink } from '@/components/Button';
import { StatePill } from '@/components/Pill';
import { Thumbnail } from '@/components/StreamCard';
import { paths } from '@/config/routes';
import type { StreamCard } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import type { PlayerOptions } from '@/player/options';
import { Player } from '@/player/Player';
import styles from './ChannelPage.module.css';

/** A visit is no press on play: it plays without sound, which the browsers allow. */
const OPTIONS: PlayerOptions = { autoplay: true, muted: true, controls: true };

/** What the channel streams now: the picture itself, or where to ask for it. */
export function LiveNow({ stream }: { stream: StreamCard }) {
  const t = useT();
  const open =
    !stream.locked &&
    (stream.access === 'public' || stream.access === 'unlisted') &&
    stream.maturity !== 'mature';
  const title = stream.title === '' ? stream.name : stream.title;
  return (
    <section className={styles.live} aria-label={t('channel.live')}>
      <div className={styles.stage}>
        {open ? (
          <Player
            stream={stream.name}
            title={title}
            options={OPTIONS}
            poster={<Thumbnail stream={stream} />}
          />
        ) : (
          <Thumbnail stream={stream} />
        )}
      </div>
      <div className={styles.liveWords}>
        <p className={styles.badges}>
          <StatePill state={stream.state} />
          <AccessBadge access={stream.access} />
          <span className={styles.viewers}>
            <Eye size={16} aria-hidden="true" />
            {t('count.viewers', { count: stream.viewers })}
          </span>
        </p>
        <h2 className={styles.liveTitle} dir="auto">
          <Link href={paths.watch(stream.name)}>{title}</Link>
        </h2>
        <ButtonLink look="primary" href={paths.watch(stream.name)}>
          {t('channel.watch')}
        </ButtonLink>
      </div>
    </section>
  );
}
