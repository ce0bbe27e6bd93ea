import '@/messages/areas/auth';
import { Eye, Radio, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { usePage } from '@/components/use-page';
import { useT } from '@/messages/i18n';
import { Gate } from './Gate';
import styles from './AuthFrame.module.css';

/** The frame of every page at the door: a quiet form, and beside it what is behind the door. */
export function AuthFrame({
  title,
  text,
  icon,
  children,
  below,
}: {
  title: string;
  text?: ReactNode;
  icon?: ReactNode;
  children?: ReactNode;
  below?: ReactNode;
}) {
  const t = useT();
  usePage(title);
  return (
    <div className={styles.page}>
      <div className={styles.form}>
        <header className={styles.header}>
          {icon !== undefined && (
            <span className={styles.icon} aria-hidden="true">
              {icon}
            </span>
          )}
          <h1 className={styles.title}>{title}</h1>
          {text !== undefined && <p className={styles.text}>{text}</p>}
        </header>
        {children}
        {below !== undefined && <div className={styles.below}>{below}</div>}
      </div>
      <aside className={styles.aside} aria-label={t('auth.roles')}>
        <Gate />
        <ul className={styles.roles}>
          <Role icon={<Eye size={18} />} name={t('auth.roles.viewer')}>
            {t('auth.roles.viewer.text')}
          </Role>
          <Role icon={<Radio size={18} />} name={t('auth.roles.creator')}>
            {t('auth.roles.creator.text')}
          </Role>
          <Role icon={<ShieldCheck size={18} />} name={t('auth.roles.admin')}>
            {t('auth.roles.admin.text')}
          </Role>
        </ul>
      </aside>
    </div>
  );
}

function Role({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <li className={styles.role}>
      {icon}
      <p>
        <strong>{name}</strong> {children}
      </p>
    </li>
  );
}
