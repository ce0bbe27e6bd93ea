import '@/messages/areas/moderation';
import { Time } from '@/components/Time';
import type { Action } from '@/lib/chat/records';
import { hasMessage } from '@/messages/catalogue';
import { useT } from '@/messages/i18n';
import styles from './Cards.module.css';

/** One act that kept order, in a line: what, whom, who, when, why. */
export function ActionLine({ action, brief = false }: { action: Action; brief?: boolean }) {
  const t = useT();
  const key = `moderation.did.${action.action}`;
  return (
    <p className={styles.action}>
      <strong>{hasMessage(key) ? t(key) : action.action}</strong>
      {!brief && action.target_name !== '' && <bdi>{action.target_name}</bdi>}
      {action.reason !== '' && <q dir="auto">{action.reason}</q>}
      <span className={styles.quiet}>
        <bdi>{action.actor_name}</bdi> · <Time at={action.timestamp} />
      </span>
    </p>
  );
}
