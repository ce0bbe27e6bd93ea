import { useMemo } from 'react';
import { encode } from 'uqr';
import styles from './TotpSetup.module.css';

/** Modules of quiet zone around the code; the standard asks for four. */
const QUIET = 4;

/** A QR code, dark on light in every theme: not every reader knows the other way round. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { data } = encode(text, { ecc: 'M', border: 0 });
    const squares = data.flatMap((row, y) =>
      row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')),
    );
    return { size: data.length + 2 * QUIET, path: squares.join('') };
  }, [text]);
  return (
    <svg
      className={styles.code}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
