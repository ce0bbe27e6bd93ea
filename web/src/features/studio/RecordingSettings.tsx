import { useState } from 'react';
import { SelectField, Switch } from '@/components/Fields';
import { Note, ProblemText } from '@/components/ProblemNote';
import { asProblem } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import { VISIBILITIES } from '@/lib/recordings/types';
import type { Stream, StreamEdit } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import styles from './RecordingsSection.module.css';

/** What people choose; anything else can be set by the API and is shown as it is. */
const DAYS = [7, 14, 30, 90, 365];
const EVER = '';

/** Whether broadcasts are kept, for whom and for how long. Each change is saved at once. */
export function RecordingSettings({
  stream,
  onSave,
}: {
  stream: Stream;
  onSave(change: StreamEdit): Promise<Stream>;
}) {
  const t = useT();
  const [pending, setPending] = useState<StreamEdit>({});
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const shown = { ...stream, ...pending };
  const change = async (edit: StreamEdit) => {
    setPending(edit);
    setProblem(null);
    try {
      await onSave(edit);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setPending({});
    }
  };
  const kept = shown.keep_recordings_days ?? null;
  const days = kept === null || DAYS.includes(kept) ? DAYS : [...DAYS, kept];
  return (
    <div className={styles.settings}>
      <Switch
        label={t('recordings.record')}
        hint={t('recordings.record.hint')}
        checked={shown.record === true}
        onChange={(record) => void change({ record })}
      />
      {shown.record === true && (
        <div className={styles.choices}>
          <SelectField
            label={t('recordings.new')}
            options={VISIBILITIES.map((value) => ({
              value,
              label: t(`recording.visibility.${value}`),
            }))}
            value={shown.recording_visibility ?? 'public'}
            onChoose={(value) => {
              const found = VISIBILITIES.find((known) => known === value);
              if (found !== undefined) void change({ recording_visibility: found });
            }}
          />
          <SelectField
            label={t('recordings.keep')}
            options={[
              { value: EVER, label: t('recordings.keep.ever') },
              ...days.map((count) => ({
                value: String(count),
                label: t('recordings.keep.days', { count }),
              })),
            ]}
            value={kept === null ? EVER : String(kept)}
            onChoose={(value) =>
              void change({ keep_recordings_days: value === EVER ? null : Number(value) })
            }
          />
        </div>
      )}
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
    </div>
  );
}
