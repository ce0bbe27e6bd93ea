import styles from './Avatar.module.css';

/** Somebody's picture, or their initials. Decoration: the name stands beside it. */
export function Avatar({
  name,
  url,
  size = 32,
}: {
  name: string;
  url: string | null;
  size?: number;
}) {
  const box = { width: size, height: size, fontSize: Math.round(size * 0.4) };
  if (url !== null) {
    return <img className={styles.avatar} src={url} alt="" style={box} loading="lazy" />;
  }
  return (
    // Drawn by the style sheet: the letters are a picture, not a part of the name beside it.
    <span className={styles.avatar} style={box} aria-hidden="true" data-initials={initials(name)} />
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => Array.from(word ?? '')[0] ?? '',
  );
  return letters.join('').toLocaleUpperCase();
}
