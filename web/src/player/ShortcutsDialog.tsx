import { Dialog } from '@/components/Dialog';
import { Switch } from '@/components/Fields';
import { useT } from '@/messages/i18n';
import styles from './ShortcutsDialog.module.css';

type Row = [keys: string[], text: string];

export function ShortcutsDialog({
  open,
  theatre,
  seeks = true,
  recording = false,
  enabled,
  onEnable,
  onClose,
}: {
  open: boolean;
  theatre: boolean;
  /** Whether one can go back and forth in what is played. */
  seeks?: boolean;
  recording?: boolean;
  enabled: boolean;
  onEnable(enabled: boolean): void;
  onClose(): void;
}) {
  const t = useT();
  const rows: Row[] = [
    [['Space', 'K'], t('keys.play')],
    ...when(seeks, [
      [['←', '→'], t('keys.step')],
      [['J', 'L'], t('keys.leap')],
      [[',', '.'], t('keys.frame')],
      [['<', '>'], t('keys.speed')],
    ]),
    ...when(recording, [[['0–9'], t('keys.tenths')]]),
    [['M'], t('keys.mute')],
    [['↑', '↓'], t('keys.volume')],
    [['F'], t('keys.fullscreen')],
    ...when(theatre, [[['T'], t('keys.theatre')]]),
    [['P'], t('keys.pip')],
    ...when(!recording, [[['End'], t('keys.live')]]),
    [['I'], t('keys.stats')],
    ...when(theatre, [[['/'], t('keys.search')]]),
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

function when(condition: boolean, rows: Row[]): Row[] {
  return condition ? rows : [];
}
