import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useTheme } from '@/components/theme';
import { useT } from '@/messages/i18n';
import { HISTORY } from './use-publisher';
import styles from './Charts.module.css';

const HEIGHT = 64;
/** Room above the highest value, so that the line does not touch the frame. */
const HEADROOM = 1.2;

/** One measurement over time; the newest value stands beside its name. */
export function Chart({
  name,
  now,
  values,
  least,
}: {
  name: string;
  now: string;
  values: readonly (number | null)[];
  /** The scale goes at least this far, so that noise does not look like a storm. */
  least: number;
}) {
  const t = useT();
  const { theme } = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(values);
  newest.current = values;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const colour = getComputedStyle(element).getPropertyValue('--accent-text');
    const made = new uPlot(
      {
        width: Math.max(1, element.clientWidth),
        height: HEIGHT,
        padding: [2, 0, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        axes: [{ show: false }, { show: false }],
        scales: {
          x: { time: false, range: [0, HISTORY - 1] },
          y: { range: (_plot, _min, max) => [0, Math.max(least, max * HEADROOM)] },
        },
        series: [
          {},
          {
            stroke: colour,
            width: 1.5,
            fill: `color-mix(in srgb, ${colour} 14%, transparent)`,
            points: { show: false },
          },
        ],
      },
      dataOf(newest.current),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: Math.max(1, element.clientWidth), height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [least, theme]);

  useEffect(() => {
    plot.current?.setData(dataOf(values));
  }, [values]);

  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        <span className={styles.name}>{name}</span>
        <span className={styles.now}>{now}</span>
      </figcaption>
      <div
        ref={box}
        className={styles.plot}
        role="img"
        aria-label={`${name}, ${t('studio.chart.lastMinutes')}: ${now}`}
      />
    </figure>
  );
}

/** The newest value is always at the right edge. */
function dataOf(values: readonly (number | null)[]): uPlot.AlignedData {
  const first = HISTORY - values.length;
  return [values.map((_, index) => first + index), [...values]];
}
