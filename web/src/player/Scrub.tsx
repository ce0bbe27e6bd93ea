import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { durationText } from '@/components/units';
import { tileAt, type Tile } from '@/lib/hls/storyboard';
import { useT } from '@/messages/i18n';
import {
  behindOf,
  chapterAt,
  momentAt,
  shareOf,
  within,
  type Chapter,
  type Timeline,
} from './timeline';
import styles from './Scrub.module.css';

const STEP_MS = 5000;
const LEAP_MS = 60_000;

/** The bar to go back and forth on. It knows live from past, shows chapters, and what is where. */
export function Scrub({
  timeline,
  chapters = [],
  tiles = [],
  onSeek,
}: {
  timeline: Timeline;
  chapters?: readonly Chapter[];
  tiles?: readonly Tile[];
  onSeek(to: number): void;
}) {
  const t = useT();
  const bar = useRef<HTMLDivElement>(null);
  /** Where the pointer is, while it is over the bar. */
  const [pointed, setPointed] = useState<number | null>(null);
  const [dragging, setDragging] = useState(false);
  const live = timeline.kind === 'live';
  // What is played live is a breath behind the newest there is: no finger has to know.
  const now = live && timeline.atEdge ? timeline.end : timeline.at;
  const at = dragging && pointed !== null ? pointed : now;

  const momentOf = ({ clientX }: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return timeline.at;
    return momentAt(timeline, (clientX - box.left) / box.width);
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDragging(true);
    setPointed(momentOf(event));
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    if (!dragging) return;
    setDragging(false);
    onSeek(momentOf(event));
    if (event.pointerType !== 'mouse') setPointed(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to: Record<string, number> = {
      ArrowLeft: timeline.at - STEP_MS,
      ArrowRight: timeline.at + STEP_MS,
      PageDown: timeline.at - LEAP_MS,
      PageUp: timeline.at + LEAP_MS,
      Home: timeline.start,
      End: timeline.end,
    };
    const moment = to[event.key];
    if (moment === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    // The keys of the page would move it a second time.
    event.preventDefault();
    onSeek(within(timeline, moment));
  };

  const text = live
    ? timeline.atEdge
      ? t('player.live')
      : t('player.behind', { time: durationText(behindOf(timeline)) })
    : t('player.position', {
        at: durationText(timeline.at),
        end: durationText(timeline.end),
      });
  return (
    <div
      ref={bar}
      role="slider"
      tabIndex={0}
      className={styles.scrub}
      data-live={live}
      data-dragging={dragging}
      aria-label={t('player.seek')}
      aria-valuemin={0}
      aria-valuemax={Math.round((timeline.end - timeline.start) / 1000)}
      aria-valuenow={Math.round((within(timeline, timeline.at) - timeline.start) / 1000)}
      aria-valuetext={text}
      onPointerDown={onPointerDown}
      onPointerMove={(event) => setPointed(momentOf(event))}
      onPointerUp={onPointerUp}
      onPointerCancel={() => {
        setDragging(false);
        setPointed(null);
      }}
      onPointerLeave={() => {
        if (!dragging) setPointed(null);
      }}
      onKeyDown={onKeyDown}
    >
      <div className={styles.track}>
        <div
          className={styles.loaded}
          style={{ width: percent(shareOf(timeline, timeline.loaded)) }}
        />
        {pointed !== null && (
          <div className={styles.pointed} style={{ width: percent(shareOf(timeline, pointed)) }} />
        )}
        <div className={styles.played} style={{ width: percent(shareOf(timeline, at)) }} />
        {chapters.map(({ at_ms: begins }) =>
          begins <= timeline.start || begins >= timeline.end ? null : (
            <span
              key={begins}
              className={styles.mark}
              style={{ left: percent(shareOf(timeline, begins)) }}
            />
          ),
        )}
      </div>
      <div
        className={styles.thumb}
        data-edge={timeline.atEdge && live && !dragging}
        style={{ left: percent(shareOf(timeline, at)) }}
      />
      {pointed !== null && (
        <Preview
          timeline={timeline}
          at={pointed}
          chapter={chapterAt(chapters, pointed)?.title ?? null}
          tile={tileAt(tiles, pointed)}
        />
      )}
    </div>
  );
}

/** What is where the pointer is. */
function Preview({
  timeline,
  at,
  chapter,
  tile,
}: {
  timeline: Timeline;
  at: number;
  chapter: string | null;
  tile: Tile | null;
}) {
  const time = timeline.kind === 'live' ? `-${durationText(timeline.end - at)}` : durationText(at);
  return (
    <div
      className={styles.preview}
      data-picture={tile !== null}
      aria-hidden="true"
      style={{ '--at': percent(shareOf(timeline, at)) } as React.CSSProperties}
    >
      {tile !== null && (
        <div
          className={styles.tile}
          style={{
            width: tile.width,
            height: tile.height,
            backgroundImage: `url("${tile.url}")`,
            backgroundPosition: `-${tile.x}px -${tile.y}px`,
          }}
        />
      )}
      <p className={styles.when}>
        {chapter !== null && (
          <span className={styles.chapter} dir="auto">
            {chapter}
          </span>
        )}
        <span className={styles.time}>{time}</span>
      </p>
    </div>
  );
}

function percent(share: number): string {
  return `${share * 100}%`;
}
