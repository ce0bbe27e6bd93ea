import { ImagePlus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/Button';
import button from '@/components/Button.module.css';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Thumbnail } from '@/components/StreamCard';
import { asProblem } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import { putThumbnail, removeThumbnail } from '@/lib/streams/own';
import type { Stream } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import styles from './DetailsSection.module.css';

/** What the server takes. */
const TYPES = ['image/jpeg', 'image/png', 'image/webp'];
const LARGEST = 2 * 1024 * 1024;

/** The picture that stands for the stream in lists and while it is off the air. */
export function ThumbnailField({ stream, onChange }: { stream: Stream; onChange(): void }) {
  const t = useT();
  const [wrong, setWrong] = useState<'large' | 'type' | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
      setProblem(null);
      onChange();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };
  const choose = (file: File | undefined) => {
    if (file === undefined) return;
    const bad = !TYPES.includes(file.type) ? 'type' : file.size > LARGEST ? 'large' : null;
    setWrong(bad);
    if (bad === null) void attempt(() => putThumbnail(stream.id, file));
  };
  return (
    <div className={styles.thumbnail}>
      <div className={styles.picture}>
        <Thumbnail stream={stream} />
      </div>
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
      {wrong !== null && (
        <p role="alert" className={styles.error}>
          {t(`studio.thumbnail.${wrong}`)}
        </p>
      )}
      <div className={styles.acts}>
        <label className={`${button.button ?? ''} ${button.plain ?? ''} ${styles.choose ?? ''}`}>
          <ImagePlus size={16} aria-hidden="true" />
          {t('studio.thumbnail.choose')}
          <input
            type="file"
            className={styles.file}
            accept={TYPES.join(',')}
            disabled={busy}
            onChange={({ target }) => {
              choose(target.files?.[0]);
              // The same file may be chosen again after it was changed.
              target.value = '';
            }}
          />
        </label>
        {stream.thumbnail_url !== null && (
          <Button
            look="quiet"
            disabled={busy}
            onClick={() => void attempt(() => removeThumbnail(stream.id))}
          >
            {t('studio.thumbnail.remove')}
          </Button>
        )}
      </div>
      <p className={styles.quiet}>{t('studio.thumbnail.hint')}</p>
    </div>
  );
}
