import styles from './Gate.module.css';

const LINES = 13;

/** Water that falls through a gate: high and calm before it, fast behind. */
export function Gate() {
  return (
    <svg className={styles.gate} viewBox="0 0 400 220" aria-hidden="true">
      {Array.from({ length: LINES }, (_, index) => {
        const high = 34 + index * 5.5;
        const low = 96 + index * 9.5;
        return (
          <path
            key={index}
            className={styles.line}
            style={{ opacity: 1 - index / (LINES + 2) }}
            d={`M0 ${high} C 90 ${high}, 150 ${high}, 186 ${high + 6} S 236 ${low}, 290 ${low} S 360 ${low - 4}, 400 ${low}`}
          />
        );
      })}
      <path className={styles.post} d="M166 12 V206 M208 12 V206" />
      <path className={styles.board} d="M170 22 H204 M170 32 H204" />
    </svg>
  );
}
