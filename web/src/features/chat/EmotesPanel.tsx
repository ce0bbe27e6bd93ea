import { ImagePlus, X } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type SyntheticEvent } from 'react';
import { Button, IconButton } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { TextField } from '@/components/Fields';
import { Panel } from '@/components/Panel';
import { asProblem, useLoad } from '@/components/use-load';
import { MOST_EMOTE_BYTES, MOST_EMOTES } from '@/config/limits';
import type { ProblemError } from '@/lib/api/problem';
import { addEmote, emotesOf, removeEmote } from '@/lib/chat/api';
import type { Emote } from '@/lib/chat/records';
import { useT } from '@/messages/i18n';
import { Failed } from './DeskLists';
import styles from './Desk.module.css';

const TYPES = 'image/png,image/webp,image/gif,image/avif';
const NAME = /^\w{2,32}$/;

/** The emotes of a stream: seeing, uploading and removing them. */
export function EmotesPanel({ stream }: { stream: string }) {
  const t = useT();
  const [removing, setRemoving] = useState<Emote | null>(null);
  const { value, problem, reload, set } = useLoad(
    useCallback((signal: AbortSignal) => emotesOf(stream, signal), [stream]),
  );
  return (
    <Panel
      title={t('emotes.title')}
      text={t('emotes.text')}
      aside={
        <span className={styles.quiet}>
          {t('emotes.count', { count: value?.length ?? 0, most: MOST_EMOTES })}
        </span>
      }
    >
      {problem !== null && <Failed problem={problem} onRetry={reload} />}
      <Upload stream={stream} onAdded={(emote) => set((list) => [...list, emote])} />
      {value?.length === 0 && <p className={styles.quiet}>{t('emotes.empty')}</p>}
      <ul className={styles.emotes}>
        {value?.map((emote) => (
          <li key={emote.id} className={styles.emote}>
            <img src={emote.url} alt="" loading="lazy" />
            <code>{emote.name}</code>
            <IconButton
              label={t('emotes.remove', { name: emote.name })}
              onClick={() => setRemoving(emote)}
            >
              <X size={14} />
            </IconButton>
          </li>
        ))}
      </ul>
      {removing !== null && (
        <ConfirmDialog
          title={t('emotes.remove', { name: removing.name })}
          action={t('moderators.remove')}
          onConfirm={async () => {
            await removeEmote(stream, removing.id);
            set((list) => list.filter(({ id }) => id !== removing.id));
          }}
          onClose={() => setRemoving(null)}
        >
          <p>{t('emotes.remove.text')}</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}

function Upload({ stream, onAdded }: { stream: string; onAdded(emote: Emote): void }) {
  const t = useT();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [picture, setPicture] = useState<File | null>(null);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const url = useMemo(() => picture && URL.createObjectURL(picture), [picture]);
  useEffect(
    () => () => {
      if (url !== null) URL.revokeObjectURL(url);
    },
    [url],
  );
  const large = picture !== null && picture.size > MOST_EMOTE_BYTES;
  const good = NAME.test(name);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!good || picture === null || large || busy) return;
    setBusy(true);
    try {
      onAdded(await addEmote(stream, name, picture));
      setName('');
      setPicture(null);
      setTried(false);
      setFailed(null);
      if (field.current !== null) field.current.value = '';
    } catch (error) {
      setFailed(asProblem(error));
    }
    setBusy(false);
  };
  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      {failed !== null && <Failed problem={failed} />}
      <div className={styles.line} data-fields="2">
        <TextField
          label={t('emotes.name')}
          error={tried && !good ? t('emotes.name.bad') : undefined}
          value={name}
          mono
          maxLength={32}
          onChange={({ target }) => setName(target.value)}
        />
        <label className={styles.choose}>
          <input
            ref={field}
            type="file"
            accept={TYPES}
            className={styles.file}
            aria-label={t('emotes.picture')}
            onChange={({ target }) => setPicture(target.files?.[0] ?? null)}
          />
          <span className={styles.chosen}>
            {url === null ? <ImagePlus size={18} aria-hidden="true" /> : <img src={url} alt="" />}
            {t('emotes.picture')}
          </span>
        </label>
        <Button type="submit" look="primary" disabled={busy}>
          {t('emotes.add')}
        </Button>
      </div>
      <p className={styles.quiet}>{t('emotes.name.hint')}</p>
      {tried && picture === null && <p role="alert">{t('emotes.picture.missing')}</p>}
      {large && <p role="alert">{t('emotes.picture.large')}</p>}
    </form>
  );
}
