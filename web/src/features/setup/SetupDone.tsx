import { ArrowRight, House, Radio } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'wouter';
import { paths } from '@/config/routes';
import { useT } from '@/messages/i18n';
import styles from './SetupDone.module.css';

/** Where to go from here. Going live is what most came for. */
export function SetupDone({ onLeave }: { onLeave(): void }) {
  const t = useT();
  useEffect(() => {
    document.querySelector<HTMLElement>('main h1')?.focus();
  }, []);
  return (
    <div className={styles.ways} onClick={onLeave}>
      <Way
        href={paths.studio()}
        icon={<Radio size={22} />}
        title={t('setup.live')}
        text={t('setup.live.text')}
      />
      <Way
        href={paths.home()}
        icon={<House size={22} />}
        title={t('setup.home')}
        text={t('setup.home.text')}
      />
    </div>
  );
}

function Way({
  href,
  icon,
  title,
  text,
}: {
  href: string;
  icon: ReactNode;
  title: string;
  text: string;
}) {
  return (
    <Link href={href} className={styles.way}>
      <span className={styles.icon}>{icon}</span>
      <span>
        <strong>{title}</strong>
        <span className={styles.text}>{text}</span>
      </span>
      <ArrowRight size={18} aria-hidden="true" />
    </Link>
  );
}
