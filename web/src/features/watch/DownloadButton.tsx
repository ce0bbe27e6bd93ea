import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '@/components/Button';
import { ProblemText } from '@/components/ProblemNote';
import { asProblem } from '@/components/use-load';
import { problemOf, type ProblemError } from '@/lib/api/problem';
import { exchange } from '@/lib/api/transport';
import { NOTHING_TO_SHOW, type CredentialSource } from '@/lib/rtc/credential';
import { useT } from '@/messages/i18n';
import styles from './RecordingPage.module.css';

/** How often it is asked whether the file is made, where the server does not say. */
const POLL_MS = 3000;

/** Takes a recording along as a file, which the server makes when it is first asked for. */
export function DownloadButton({
  url,
  credential = NOTHING_TO_SHOW,
}: {
  url: string;
  credential?: CredentialSource | undefined;
}) {
  const t = useT();
  const [making, setMaking] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  useEffect(() => {
    if (!making) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const found = await credential();
        const address = new URL(url, location.href);
        // A link sends no header of ours.
        if (found !== null) address.searchParams.set('token', found.text);
        const answer = await exchange(address.href, { method: 'HEAD', signal: abort.signal });
        if (answer.status === 202) {
          const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
          timer = setTimeout(() => void ask(), Number.isFinite(seconds) ? seconds * 1000 : POLL_MS);
          return;
        }
        if (!answer.ok) throw await problemOf(answer);
        setMaking(false);
        location.assign(address.href);
      } catch (error) {
        if (abort.signal.aborted) return;
        setMaking(false);
        setProblem(asProblem(error));
      }
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [making, url, credential]);
  return (
    <span className={styles.download}>
      <Button
        icon={<Download size={16} />}
        disabled={making}
        onClick={() => {
          setProblem(null);
          setMaking(true);
        }}
      >
        {t('recording.download')}
      </Button>
      <span role="status" className={styles.downloadNote}>
        {making && t('recording.download.making')}
        {problem !== null && (
          <>
            {t('recording.download.failed')}. <ProblemText problem={problem} />
          </>
        )}
      </span>
    </span>
  );
}
