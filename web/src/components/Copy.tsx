import { Check, Copy as CopyIcon, Eye, EyeOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '@/messages/i18n';
import { IconButton } from './Button';
import styles from './Copy.module.css';

const CONFIRM_MS = 1600;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    await copyText(text);
    setCopied(true);
  };
  return (
    <>
      <IconButton
        label={`${t('action.copy')}: ${label}`}
        onClick={() => void copy()}
        className={copied ? styles.copied : ''}
      >
        {copied ? <Check size={18} /> : <CopyIcon size={18} />}
      </IconButton>
      <span role="status" className="visually-hidden">
        {copied ? t('action.copied') : ''}
      </span>
    </>
  );
}

/** Browsers give the clipboard only to secure pages; a local network has none. */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without a secure context
  document.execCommand('copy');
  area.remove();
}

/** An address or a secret on one line, with its buttons. */
export function CopyLine({
  label,
  value,
  secret = false,
}: {
  label: string;
  value: string;
  secret?: boolean;
}) {
  const t = useT();
  const [shown, setShown] = useState(!secret);
  return (
    <div className={styles.lineField}>
      <span className={styles.label}>{label}</span>
      <div className={styles.line}>
        <code className={styles.value}>
          {shown ? value : '•'.repeat(Math.min(24, value.length))}
        </code>
        {secret && (
          <IconButton
            label={`${shown ? t('action.hide') : t('action.show')}: ${label}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff size={18} /> : <Eye size={18} />}
          </IconButton>
        )}
        <CopyButton text={value} label={label} />
      </div>
    </div>
  );
}

/** A command to copy. `shown` may hide the secret that `text` has. */
export function CodeBlock({ label, text, shown }: { label: string; text: string; shown: string }) {
  return (
    <div className={styles.block}>
      <pre className={styles.code} tabIndex={0} aria-label={label}>
        <code>{shown}</code>
      </pre>
      <div className={styles.corner}>
        <CopyButton text={text} label={label} />
      </div>
    </div>
  );
}
