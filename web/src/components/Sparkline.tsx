/** A line of the last values, without axes: whether it is steady, rising or jumping. */
export function Sparkline({
  values,
  width = 44,
  height = 14,
  slots = values.length,
}: {
  values: readonly number[];
  width?: number;
  height?: number;
  /** How many values fill the width. */
  slots?: number;
}) {
  const top = Math.max(...values, 1) * 1.15;
  const step = width / Math.max(1, slots - 1);
  const first = width - (values.length - 1) * step;
  const points = values.map(
    (value, index) =>
      `${(first + index * step).toFixed(1)},${(height - (value / top) * height).toFixed(1)}`,
  );
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
    </svg>
  );
}
