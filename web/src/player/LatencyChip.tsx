import { Sparkline } from '@/components/Sparkline';
import { latencyText } from '@/components/units';
import type { Route } from '@/lib/hls/switchboard';
import type { Latency } from '@/lib/rtc/latency';
import { useT } from '@/messages/i18n';
import { HISTORY } from './use-meter';
import styles from './Controls.module.css';

/** Glass-to-glass latency with its last half minute; opens the statistics. */
export function LatencyChip({
  latency,
  history,
  way = 'direct',
  onClick,
}: {
  latency: Latency | null;
  history: readonly number[];
  /** HLS is named: it is why the number is what it is. */
  way?: Route;
  onClick(): void;
}) {
  const t = useT();
  const text = latency === null ? null : latencyText(latency, t);
  const label = text === null ? t('player.latency.none') : t('player.latency', { value: text });
  return (
    <button
      type="button"
      className={styles.chip}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <span className={styles.spark}>
        <Sparkline values={history} slots={HISTORY} />
      </span>
      {way === 'hls' && <span className={styles.chipWay}>HLS</span>}
      <span className={styles.chipText}>{text ?? '–'}</span>
    </button>
  );
}
