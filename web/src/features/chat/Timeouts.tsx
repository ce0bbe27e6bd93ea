import { useState, type SyntheticEvent } from 'react';
import { Button } from '@/components/Button';
import { TextField } from '@/components/Fields';
import { useT } from '@/messages/i18n';
import styles from './Cards.module.css';

const USUAL = [10, 600, 3600] as const;
/** Two weeks: the longest that the server takes. */
const LONGEST_S = 14 * 24 * 3600;

/** How long somebody has to be silent. */
export function Timeouts({ onTimeout }: { onTimeout(seconds: number): void }) {
  const t = useT();
  const [custom, setCustom] = useState(false);
  const [text, setText] = useState('300');
  const seconds = Number(text);
  const good = Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_S;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (good) onTimeout(seconds);
  };
  return (
    <div className={styles.timeouts}>
      <div className={styles.times} role="group" aria-label={t('chat.act.timeout')}>
        {USUAL.map((length) => (
          <Button key={length} onClick={() => onTimeout(length)}>
            {t(`chat.act.timeout.${length}`)}
          </Button>
        ))}
        <Button aria-expanded={custom} onClick={() => setCustom(!custom)}>
          {t('chat.act.timeout.custom')}
        </Button>
      </div>
      {custom && (
        <form noValidate onSubmit={submit}>
          <TextField
            label={t('chat.act.timeout.seconds')}
            type="number"
            inputMode="numeric"
            min={1}
            max={LONGEST_S}
            value={text}
            aria-invalid={!good}
            onChange={({ target }) => setText(target.value)}
            action={
              <Button type="submit" disabled={!good}>
                {t('chat.act.timeout')}
              </Button>
            }
          />
        </form>
      )}
    </div>
  );
}
