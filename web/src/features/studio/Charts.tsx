import { bitrateText, msText, percentText } from '@/components/units';
import type { PublisherDigest } from '@/lib/rtc/uplink-stats';
import { useT } from '@/messages/i18n';
import { Chart } from './Chart';
import styles from './Charts.module.css';

/** The last two minutes of the uplink. */
export function Charts({ history }: { history: readonly PublisherDigest[] }) {
  const t = useT();
  const last = history.at(-1);
  const series = (pick: (digest: PublisherDigest) => number | null) => history.map(pick);
  const fps = last?.fps ?? null;
  return (
    <div className={styles.charts}>
      <Chart
        name={t('studio.chart.bitrate')}
        now={bitrateText(last?.bitrate ?? null, t)}
        values={series((digest) => digest.bitrate)}
        least={500_000}
      />
      <Chart
        name={t('studio.chart.fps')}
        now={fps === null ? '–' : String(Math.round(fps))}
        values={series((digest) => digest.fps)}
        least={30}
      />
      <Chart
        name={t('studio.chart.rtt')}
        now={msText(last?.roundTripMs ?? null, t)}
        values={series((digest) => digest.roundTripMs)}
        least={20}
      />
      <Chart
        name={t('studio.chart.loss')}
        now={percentText(last?.loss ?? null, t)}
        values={series((digest) => digest.loss)}
        least={0.02}
      />
    </div>
  );
}
