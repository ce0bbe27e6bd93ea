import { Fragment, useEffect, useRef, useState } from 'react';

import { useT } from '@/messages/i18n';
import styles from './WatchPage.module.css';

/** Long ones open on demand; addresses in them are links. */
export function Description({ text }: { text: string }) {
  const t = useT();
  const box = useRef<HTMLParagraphElement>(null);
  const [open, setOpen] = useState(false);
  const [long, setLong] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (element === null || open) return;
    const look = () => setLong(element.scrollHeight > element.clientHeight + 1);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [text, open]);
  return (
    <div>
      <p ref={box} className={styles.description} data-open={open} dir="auto">
        {linked(text)}
      </p>
      {(long || open) && (
        <button
          type="button"
          className={styles.unfold}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {t(open ? 'watch.description.less' : 'watch.description.more')}
        </button>
      )}
    </div>
  );
}

/** Text with its addresses as links; anything else stays text, whatever it looks like. */
function linked(text: string) {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/).map((part, index) =>
    index % 2 === 1 ? (
      <a key={index} href={part} className={styles.link} target="_blank" rel="noreferrer nofollow">
        {part}
      </a>
    ) : (
      <Fragment key={index}>{part}</Fragment>
    ),
  );
}
