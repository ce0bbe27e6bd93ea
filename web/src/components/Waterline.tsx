import { useId } from 'react';
import styles from './Waterline.module.css';

/**
 * Stands for a picture that there is no thumbnail of: the water between two posts, with a level
 * and waves of the stream's own, so that cards can be told apart.
 */
export function Waterline({ seed }: { seed: string }) {
  const id = useId();
  const hash = hashOf(seed);
  const level = 38 + (hash % 22);
  const swell = 6 + ((hash >>> 5) % 7);
  const shift = (hash >>> 9) % 40;
  const wave = (offset: number, height: number) =>
    `M-80 ${level + offset}${Array.from({ length: 8 }, (_, index) => ` q20 ${index % 2 === 0 ? -height : height} 40 0`).join('')} V90 H-80 Z`;
  return (
    <svg
      className={styles.water}
      viewBox="0 0 160 90"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <clipPath id={id}>
        <rect width="160" height="90" />
      </clipPath>
      <g clipPath={`url(#${id})`}>
        <g transform={`translate(${shift} 0)`}>
          <path d={wave(0, swell)} className={styles.back} />
          <path d={wave(9, -swell)} className={styles.middle} />
          <path d={wave(19, swell * 0.8)} className={styles.front} />
        </g>
      </g>
    </svg>
  );
}

function hashOf(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return hash >>> 0;
}
