import { Dialog } from '@/components/Dialog';
import { Segmented, Switch } from '@/components/Fields';
import { useSnapshot } from '@/components/use-snapshot';
import { prefer, preferences, type ChatPreferences } from '@/lib/chat/preferences';
import { useT } from '@/messages/i18n';
import styles from './Cards.module.css';

const SIZES: readonly ChatPreferences['size'][] = ['small', 'normal', 'large'];

/** How the reader wants chats to look. In force at once. */
export function PreferencesDialog({ onClose }: { onClose(): void }) {
  const t = useT();
  const now = useSnapshot(preferences);
  return (
    <Dialog open title={t('prefs.title')} onClose={onClose}>
      <div className={styles.prefs}>
        <Segmented
          label={t('prefs.size')}
          value={now.size}
          options={SIZES.map((value) => ({ value, label: t(`prefs.size.${value}`) }))}
          onChoose={(size) => prefer({ size })}
        />
        <Switch
          label={t('prefs.compact')}
          hint={t('prefs.compact.text')}
          checked={now.compact}
          onChange={(compact) => prefer({ compact })}
        />
        <Switch
          label={t('prefs.timestamps')}
          checked={now.timestamps}
          onChange={(timestamps) => prefer({ timestamps })}
        />
        <Switch
          label={t('prefs.motion')}
          checked={now.motion}
          onChange={(motion) => prefer({ motion })}
        />
        <Switch
          label={t('prefs.reactions')}
          checked={now.reactions}
          onChange={(reactions) => prefer({ reactions })}
        />
        <Switch
          label={t('prefs.aloud')}
          hint={t('prefs.aloud.text')}
          checked={now.aloud}
          onChange={(aloud) => prefer({ aloud })}
        />
      </div>
    </Dialog>
  );
}
