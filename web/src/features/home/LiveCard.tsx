import { Eye } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { StatePill } from '@/components/Pill';
import { Skeleton } from '@/components/Skeleton';
import { durationText } from '@/components/units';
import { paths } from '@/config/routes';
import type { StreamInfo } from '@/lib/api/generated/StreamInfo';
import { useI18n } from '@/messages/i18n';
import { Waterline } from './Waterline';
import styles from './LiveCard.module.css';

export function LiveCard({ stream }: { stream: StreamInfo }) {
  const { t, locale } = useI18n();
  const best = stream.layers.find((layer) => layer.active);
  const title = stream.title === '' ? stream.name : stream.title;
  return (
    <article className={styles.card}>
      <div className={styles.picture}>
        <Waterline seed={stream.name} />
        <span className={styles.corner}>
          <StatePill state={stream.state} />
        </span>
        <span className={styles.viewers}>
          <Eye size={14} aria-hidden="true" />
          {new Intl.NumberFormat(locale, { notation: 'compact' }).format(stream.viewers)}
          <span className="visually-hidden">{t('count.viewers', { count: stream.viewers })}</span>
        </span>
      </div>
      <div className={styles.text}>
        <h2 className={styles.title} dir="auto">
          <Link href={paths.watch(stream.name)} className={styles.link}>
            {title}
          </Link>
        </h2>
        <p className={styles.detail}>
          <bdi className={styles.name}>{stream.name}</bdi>
          {best?.height != null && <span>{best.height}p</span>}
          {stream.live_since !== null && <Since since={stream.live_since} />}
        </p>
      </div>
    </article>
  );
}

function Since({ since }: { since: number }) {
  const { t } = useI18n();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className={styles.since}>{t('home.since', { duration: durationText(now - since) })}</span>
  );
}

export function LiveCardSkeleton() {
  return (
    <div className={styles.skeleton}>
      <div className={styles.skeletonPicture}>
        <Skeleton height="100%" />
      </div>
      <Skeleton width="70%" height="18px" />
      <Skeleton width="45%" height="14px" />
    </div>
  );
}
