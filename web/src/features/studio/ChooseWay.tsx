import { ArrowRight, Camera, Cable } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '@/messages/i18n';
import styles from './ChooseWay.module.css';

export type Way = 'browser' | 'encoder';

/** The first question of going live. */
export function ChooseWay({
  level = 2,
  onChoose,
}: {
  /** 1 where it is the whole page. */
  level?: 1 | 2;
  onChoose(way: Way): void;
}) {
  const t = useT();
  const Heading = `h${level}` as const;
  return (
    <div className={styles.page}>
      <Heading className={styles.title}>{t('studio.choose')}</Heading>
      <div className={styles.cards}>
        <Card
          icon={<Camera size={24} />}
          title={t('studio.browser')}
          text={t('studio.browser.text')}
          action={t('studio.browser.action')}
          onClick={() => onChoose('browser')}
        />
        <Card
          icon={<Cable size={24} />}
          title={t('studio.encoder')}
          text={t('studio.encoder.text')}
          action={t('studio.encoder.action')}
          onClick={() => onChoose('encoder')}
        />
      </div>
    </div>
  );
}

function Card(props: {
  icon: ReactNode;
  title: string;
  text: string;
  action: string;
  onClick(): void;
}) {
  return (
    <button type="button" className={styles.card} onClick={props.onClick}>
      <span className={styles.icon}>{props.icon}</span>
      <span className={styles.name}>{props.title}</span>
      <span className={styles.text}>{props.text}</span>
      <span className={styles.action}>
        {props.action}
        <ArrowRight size={18} aria-hidden="true" />
      </span>
    </button>
  );
}
