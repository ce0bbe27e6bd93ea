import { Check, Copy, Eye, EyeOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from '@/components/Button';
import { copyText } from '@/components/Copy';
import type { StreamKey } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { spokenName } from './use-keys-of';
import styles from './KeysSection.module.css';

const CONFIRM_MS = 1600;

/** A key on one line: masked but for its end, until it is asked for. Copying asks for it too. */
export function KeyLine({
  label,
  of: key,
  text,
  onShow,
  onHide,
}: {
  label?: string;
  of: StreamKey;
  text: string | null;
  onShow(): Promise<string | null>;
  onHide(): void;
}) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    const shownBefore = text !== null;
    const found = await onShow();
    if (found === null) return;
    await copyText(found);
    if (!shownBefore) onHide();
    setCopied(true);
  };
  const name = spokenName(key);
  return (
    <div className={styles.lineField}>
      {label !== undefined && <span className={styles.lineLabel}>{label}</span>}
      <div className={styles.line}>
        <code className={styles.value}>{text ?? `sk_••••••••••••••${key.last4}`}</code>
        <IconButton
          label={t(text === null ? 'keys.showOf' : 'keys.hideOf', { name })}
          onClick={() => (text === null ? void onShow() : onHide())}
        >
          {text === null ? <Eye size={18} /> : <EyeOff size={18} />}
        </IconButton>
        <IconButton
          label={t('keys.copyOf', { name })}
          className={copied ? styles.copied : ''}
          onClick={() => void copy()}
        >
          {copied ? <Check size={18} /> : <Copy size={18} />}
        </IconButton>
        <span role="status" className="visually-hidden">
          {copied ? t('action.copied') : ''}
        </span>
      </div>
    </div>
  );
}
