import { useCallback, useState, type SyntheticEvent } from 'react';
import { Avatar } from '@/components/Avatar';
import { Button } from '@/components/Button';
import { TextField } from '@/components/Fields';
import { Panel } from '@/components/Panel';
import { Rows } from '@/components/Rows';
import { Time } from '@/components/Time';
import { asProblem, useLoad } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import { addModerator, moderators, removeModerator } from '@/lib/chat/api';
import { readChannel } from '@/lib/streams/catalogue';
import { useT } from '@/messages/i18n';
import { Failed } from './DeskLists';
import styles from './Desk.module.css';

/** Who keeps order in a chat besides its owner. */
export function ModeratorsPanel({ stream }: { stream: string }) {
  const t = useT();
  const [handle, setHandle] = useState('');
  const [missing, setMissing] = useState(false);
  const [failed, setFailed] = useState<ProblemError | null>(null);
  const { value, problem, reload } = useLoad(
    useCallback((signal: AbortSignal) => moderators(stream, signal), [stream]),
  );
  const run = async (work: () => Promise<void>) => {
    try {
      await work();
      setFailed(null);
      reload();
    } catch (error) {
      const found = asProblem(error);
      setMissing(found.status === 404);
      setFailed(found.status === 404 ? null : found);
    }
  };
  const add = (event: SyntheticEvent) => {
    event.preventDefault();
    const wanted = handle.trim().replace(/^@/, '');
    if (wanted === '') return;
    setMissing(false);
    void run(async () => {
      const { id } = await readChannel(wanted);
      await addModerator(stream, id);
      setHandle('');
    });
  };
  return (
    <Panel title={t('moderators.title')} text={t('moderators.text')}>
      {failed !== null && <Failed problem={failed} />}
      <form className={styles.line} data-fields="1" noValidate onSubmit={add}>
        <TextField
          label={t('moderators.handle')}
          error={missing ? t('moderators.handle.missing') : undefined}
          value={handle}
          placeholder="@"
          onChange={({ target }) => setHandle(target.value)}
        />
        <Button type="submit" disabled={handle.trim() === ''}>
          {t('moderators.add')}
        </Button>
      </form>
      <Rows
        items={value?.map((one) => ({ ...one, id: one.person.id })) ?? null}
        problem={problem}
        empty={t('moderators.empty')}
        onRetry={reload}
      >
        {({ person, since }) => ({
          icon: <Avatar name={person.display_name} url={person.avatar_url} size={32} />,
          name: <bdi>{person.display_name}</bdi>,
          detail: (
            <>
              @{person.handle} · {t('moderators.since')} <Time at={since} look="date" />
            </>
          ),
          action: (
            <Button
              look="quiet"
              aria-label={t('moderators.removeOf', { name: person.display_name })}
              onClick={() => void run(() => removeModerator(stream, person.id))}
            >
              {t('moderators.remove')}
            </Button>
          ),
        })}
      </Rows>
    </Panel>
  );
}
