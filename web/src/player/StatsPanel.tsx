import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '@/components/Button';
import { bitrateText, latencyText, msText, percentText } from '@/components/units';
import type { ViewerState } from '@/lib/rtc/whep';
import { useT, type Translate } from '@/messages/i18n';
import { CheckLink } from './CheckLink';
import { qualityName } from './quality';
import type { HlsNumbers } from './use-hls-meter';
import type { Meter } from './use-meter';
import styles from './StatsPanel.module.css';

/** Stats for nerds: every number that the player knows of its picture. */
export function StatsPanel({
  state,
  meter,
  onClose,
}: {
  state: ViewerState;
  meter: Meter;
  onClose(): void;
}) {
  const t = useT();
  const { latency } = meter;
  return (
    <Numbers
      rows={directRows(state, meter, t)}
      note={latency === null ? null : t(latency.estimated ? 'stats.estimated' : 'stats.measured')}
      check={<CheckLink state={state} />}
      onClose={onClose}
    />
  );
}

/** The same for a picture that comes by HLS. */
export function HlsStatsPanel({
  state,
  numbers,
  live,
  onClose,
}: {
  state: Pick<ViewerState, 'layers' | 'current'>;
  numbers: HlsNumbers | null;
  live: boolean;
  onClose(): void;
}) {
  const t = useT();
  return (
    <Numbers
      rows={hlsRows(state, numbers, live, t)}
      note={live ? t('stats.byDates') : null}
      check={<CheckLink state={state} />}
      onClose={onClose}
    />
  );
}

function Numbers({
  rows,
  note,
  check,
  onClose,
}: {
  rows: readonly [string, string][];
  note: string | null;
  check: ReactNode;
  onClose(): void;
}) {
  const t = useT();
  return (
    <aside className={styles.panel} aria-label={t('stats.title')}>
      <header className={styles.header}>
        <h2>{t('stats.title')}</h2>
        <IconButton label={t('action.close')} className={styles.close} onClick={onClose}>
          <X size={16} />
        </IconButton>
      </header>
      <dl className={styles.list}>
        {rows.map(([name, value]) => (
          <div key={name} className={styles.row}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {note !== null && <p className={styles.note}>{note}</p>}
      <p className={styles.check}>{check}</p>
    </aside>
  );
}

function hlsRows(
  { layers, current }: Pick<ViewerState, 'layers' | 'current'>,
  numbers: HlsNumbers | null,
  live: boolean,
  t: Translate,
): [string, string][] {
  const layer = layers.find(({ rid }) => rid === current);
  const latency = numbers?.latency ?? null;
  return [
    [t('stats.way'), 'HLS'],
    ...(live
      ? ([[t('stats.latency'), latency === null ? '–' : latencyText(latency, t)]] as [
          string,
          string,
        ][])
      : []),
    [t('stats.layer'), layer === undefined ? '–' : qualityName(layer, t)],
    [
      t('stats.resolution'),
      numbers === null || numbers.width === 0 ? '–' : `${numbers.width} × ${numbers.height}`,
    ],
    [t('stats.bitrate'), bitrateText(layer?.bitrate ?? null, t)],
    [t('stats.estimate'), bitrateText(numbers?.bandwidth ?? null, t)],
    [t('stats.ahead'), msText(numbers?.bufferMs ?? null, t)],
    [t('stats.frames'), numbers === null ? '–' : `${numbers.frames} · ${numbers.dropped}`],
  ];
}

function directRows(
  state: ViewerState,
  { latency, digest, clockOffset, freezes }: Meter,
  t: Translate,
): [string, string][] {
  const video = digest?.video ?? null;
  const layer = state.layers.find((candidate) => (candidate.rid ?? null) === state.current);
  const size = video?.width == null ? '–' : `${video.width} × ${video.height ?? 0}`;
  return [
    [t('stats.latency'), latency === null ? '–' : latencyText(latency, t)],
    [
      t('stats.layer'),
      layer ? [layer.rid, qualityName(layer, t)].filter(Boolean).join(' · ') : '–',
    ],
    [
      t('stats.resolution'),
      video?.fps == null ? size : `${size} · ${t('unit.fps', { value: Math.round(video.fps) })}`,
    ],
    [t('stats.codec'), [video?.codec, digest?.audio?.codec].filter(Boolean).join(' · ') || '–'],
    [t('stats.decoder'), video?.decoder ?? '–'],
    [t('stats.bitrate'), bitrateText(video?.bitrate ?? null, t)],
    [t('stats.estimate'), bitrateText(state.estimate, t)],
    [t('stats.rtt'), msText(digest?.transport.roundTripMs ?? null, t)],
    [t('stats.loss'), percentText(video?.loss ?? null, t)],
    [t('stats.buffer'), msText(video?.jitterBufferMs ?? null, t)],
    [t('stats.decode'), msText(video?.decodeMs ?? null, t)],
    [t('stats.frames'), video === null ? '–' : `${video.framesDecoded} · ${video.framesDropped}`],
    [t('stats.freezes'), `${freezes.count} · ${msText(freezes.longestMs, t)}`],
    [t('stats.path'), digest?.transport.pair ?? '–'],
    [t('stats.clock'), msText(clockOffset, t)],
  ];
}
