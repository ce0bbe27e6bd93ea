import { Dialog } from '@/components/Dialog';
import { Switch } from '@/components/Fields';
import { useT } from '@/messages/i18n';
import styles from './ShortcutsDialog.module.css';

export function ShortcutsDialog({
  open,
  theatre,
  enabled,
  onEnable,
  onClose,
}: {
  open: boolean;
  theatre: boolean;
  enabled: boolean;
  onEnable(enabled: boolean): void;
  onClose(): void;
}) {
  const t = useT();
  const rows: [string[], string][] = [
    [['Space', 'K'], t('keys.play')],
    [['M'], t('keys.mute')],
    [['↑', '↓'], t('keys.volume')],
    [['F'], t('keys.fullscreen')],
    ...(theatre ? ([[['T'], t('keys.theatre')]] as [string[], string][]) : []),
    [['P'], t('keys.pip')],
    [['End'], t('keys.live')],
    [['I'], t('keys.stats')],
    ...(theatre ? ([[['/'], t('keys.search')]] as [string[], string][]) : []),
    [['?'], t('keys.help')],
  ];
  return (
    <Dialog title={t('keys.title')} open={open} onClose={onClose}>
      <dl className={styles.list}>
        {rows.map(([keys, text]) => (
          <div key={text} className={styles.row}>
            <dt>{text}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch label={t('keys.enabled')} checked={enabled} onChange={onEnable} />
    </Dialog>
  );
}
