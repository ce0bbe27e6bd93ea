import { Check, Copy as CopyIcon, Eye, EyeOff } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useT } from '@/messages/i18n';
import { IconButton } from './Button';
import styles from './Copy.module.css';

const CONFIRM_MS = 1600;

/** Copies, and says for a moment that it did. */
export function useCopied(): { copied: boolean; copy(text: string): Promise<void> } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return {
    copied,
    copy: async (text) => {
      await copyText(text);
      setCopied(true);
    },
  };
}

/** The word for those who do not see the tick. */
export function CopiedNote({ copied }: { copied: boolean }) {
  const t = useT();
  return (
    <span role="status" className="visually-hidden">
      {copied ? t('action.copied') : ''}
    </span>
  );
}

export function CopyButton({
  label,
  text,
}: {
  /** The whole of what the button does. */
  label: string;
  /** What is copied, or where it comes from; null where it could not be had. */
  text: string | (() => Promise<string | null>);
}) {
  const { copied, copy } = useCopied();
  const run = async () => {
    const found = typeof text === 'string' ? text : await text();
    if (found !== null) await copy(found);
  };
  return (
    <>
      <IconButton label={label} onClick={() => void run()} className={copied ? styles.copied : ''}>
        {copied ? <Check size={18} /> : <CopyIcon size={18} />}
      </IconButton>
      <CopiedNote copied={copied} />
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
    <ValueLine label={label} value={shown ? value : '•'.repeat(Math.min(24, value.length))}>
      {secret && (
        <RevealButton
          label={`${shown ? t('action.hide') : t('action.show')}: ${label}`}
          shown={shown}
          onToggle={() => setShown(!shown)}
        />
      )}
      <CopyButton text={value} label={`${t('action.copy')}: ${label}`} />
    </ValueLine>
  );
}

/** A value on one line, with what can be done with it. */
export function ValueLine({
  label,
  value,
  children,
}: {
  label?: string | undefined;
  value: string;
  children: ReactNode;
}) {
  return (
    <div className={styles.lineField}>
      {label !== undefined && <span className={styles.label}>{label}</span>}
      <div className={styles.line}>
        <code className={styles.value}>{value}</code>
        {children}
      </div>
    </div>
  );
}

export function RevealButton({
  label,
  shown,
  onToggle,
}: {
  label: string;
  shown: boolean;
  onToggle(): void;
}) {
  return (
    <IconButton label={label} onClick={onToggle}>
      {shown ? <EyeOff size={18} /> : <Eye size={18} />}
    </IconButton>
  );
}

/** A command to copy. `shown` may hide the secret that `text` has. */
export function CodeBlock({ label, text, shown }: { label: string; text: string; shown: string }) {
  const t = useT();
  return (
    <div className={styles.block}>
      <pre className={styles.code} tabIndex={0} aria-label={label}>
        <code>{shown}</code>
      </pre>
      <div className={styles.corner}>
        <CopyButton text={text} label={`${t('action.copy')}: ${label}`} />
      </div>
    </div>
  );
}
