/** Two posts of a gate and the water between them. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg
      viewBox="0 0 32 32"
      width={size}
      height={size}
      aria-hidden="true"
      fill="none"
      strokeLinecap="round"
    >
      <path d="M8 5v22M24 5v22" stroke="var(--text-3)" strokeWidth="3" />
      <path
        d="M8 13c4-3.4 5.5 1.200 8 0s4-3 8-.5M8 20c4-3.4 5.5 1.200 8 0s4-3 8-.5"
        stroke="var(--accent-text)"
        strokeWidth="2.75"
      />
    </svg>
  );
}
