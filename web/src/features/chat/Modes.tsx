import type { ChatSettings } from '@/lib/api/generated/ChatSettings';
import { useT } from '@/messages/i18n';
import styles from './ChatPanel.module.css';

/** What is asked of those who write, and the rules of the house; nothing where nothing is asked. */
export function Modes({ settings }: { settings: ChatSettings }) {
  const t = useT();
  const { slow_seconds: seconds, followers_minutes: minutes, modes, rules } = settings;
  const asked = [
    ...(seconds > 0 ? [t('chat.slow', { seconds })] : []),
    ...(minutes !== null ? [t('chat.mode.followers')] : []),
    ...modes.map((mode) => t(`chat.mode.${mode}`)),
  ];
  if (asked.length === 0 && rules === '') return null;
  return (
    <div className={styles.modes}>
      {rules !== '' && <p dir="auto">{rules}</p>}
      {asked.length > 0 && (
        <ul>
          {asked.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
