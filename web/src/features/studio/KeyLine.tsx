import { CopyButton, RevealButton, ValueLine } from '@/components/Copy';
import type { StreamKey } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { spokenName } from './use-keys-of';

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
  const name = spokenName(key);
  const found = async () => {
    const shownBefore = text !== null;
    const secret = await onShow();
    if (secret !== null && !shownBefore) onHide();
    return secret;
  };
  return (
    <ValueLine label={label} value={text ?? `sk_••••••••••••••${key.last4}`}>
      <RevealButton
        label={t(text === null ? 'keys.showOf' : 'keys.hideOf', { name })}
        shown={text !== null}
        onToggle={() => (text === null ? void onShow() : onHide())}
      />
      <CopyButton label={t('keys.copyOf', { name })} text={found} />
    </ValueLine>
  );
}
