import { Eye } from 'lucide-react';
import { Link } from 'wouter';
import { Avatar } from '@/components/Avatar';
import { AccessBadge } from '@/components/Badges';
import { StatePill } from '@/components/Pill';
import { Section } from '@/components/Section';
import { StreamCard, Thumbnail } from '@/components/StreamCard';
import { useTheme } from '@/components/theme';
import { paths } from '@/config/routes';
import type { StreamCard as Card } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import styles from './Featured.module.css';

/** Chosen by the people who run the server: one large, up to two beside it. */
export function Featured({ streams }: { streams: readonly Card[] }) {
  const t = useT();
  const [first, ...others] = streams;
  if (first === undefined) return null;
  return (
    <Section title={t('home.featured')}>
      <div className={styles.featured} data-alone={others.length === 0}>
        <Hero stream={first} />
        {others.length > 0 && (
          <ul className={styles.others}>
            {others.map((stream) => (
              <li key={stream.id}>
                <StreamCard stream={stream} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Section>
  );
}

function Hero({ stream }: { stream: Card }) {
  const t = useT();
  const { pictureTheme } = useTheme();
  return (
    <article className={styles.hero} data-theme={pictureTheme}>
      <div className={styles.picture}>
        <Thumbnail stream={stream} />
      </div>
      <div className={styles.words}>
        <p className={styles.badges}>
          <StatePill state={stream.state} />
          <AccessBadge access={stream.access} />
          <span className={styles.viewers}>
            <Eye size={16} aria-hidden="true" />
            {t('count.viewers', { count: stream.viewers })}
          </span>
        </p>
        <h3 className={styles.title} dir="auto">
          <Link href={paths.watch(stream.name)} className={styles.link}>
            {stream.title === '' ? stream.name : stream.title}
          </Link>
        </h3>
        <p className={styles.owner}>
          <Avatar name={stream.owner.display_name} url={stream.owner.avatar_url} size={28} />
          <bdi>{stream.owner.display_name}</bdi>
          {stream.category !== null && <span>{stream.category.name}</span>}
        </p>
      </div>
    </article>
  );
}
