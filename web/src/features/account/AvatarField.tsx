import { ImageUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { Avatar } from '@/components/Avatar';
import { Button } from '@/components/Button';
import { Note, ProblemText } from '@/components/ProblemNote';
import { asProblem } from '@/components/use-load';
import { useMe } from '@/components/session';
import { removeAvatar, uploadAvatar } from '@/lib/api/me';
import type { ProblemError } from '@/lib/api/problem';
import { useT } from '@/messages/i18n';
import { squarePicture } from './square-picture';
import styles from './ProfileSection.module.css';

const TYPES = ['image/png', 'image/jpeg', 'image/webp'];

export function AvatarField({ name, url }: { name: string; url: string | null }) {
  const t = useT();
  const me = useMe();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);

  const choose = async (file: File | undefined) => {
    setWrong(null);
    setProblem(null);
    if (file === undefined) return;
    if (!TYPES.includes(file.type)) return setWrong(t('account.avatar.type'));
    setBusy(true);
    try {
      const picture = await squarePicture(file);
      if (picture === null) setWrong(t('account.avatar.broken'));
      else await uploadAvatar(picture);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  };

  const remove = async () => {
    setProblem(null);
    try {
      await removeAvatar();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };

  const current = me === null ? url : me.avatar_url;
  return (
    <div className={styles.avatar}>
      <Avatar name={name} url={current} size={88} />
      <div className={styles.choose}>
        <input
          ref={input}
          type="file"
          className="visually-hidden"
          aria-label={t('account.avatar.choose')}
          tabIndex={-1}
          accept={TYPES.join(',')}
          onChange={(event) => void choose(event.target.files?.[0])}
        />
        <div className={styles.buttons}>
          <Button
            icon={<ImageUp size={18} />}
            disabled={busy}
            onClick={() => input.current?.click()}
          >
            {t('account.avatar.choose')}
          </Button>
          {current !== null && (
            <Button look="quiet" onClick={() => void remove()}>
              {t('account.avatar.remove')}
            </Button>
          )}
        </div>
        <p className={styles.hint}>{t('account.avatar.hint')}</p>
        {wrong !== null && <Note>{wrong}</Note>}
        {problem !== null && (
          <Note>
            <ProblemText problem={problem} />
          </Note>
        )}
      </div>
    </div>
  );
}
