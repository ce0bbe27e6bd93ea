import { Plus, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button, IconButton } from '@/components/Button';
import { TextField } from '@/components/Fields';
import { Note, ProblemText } from '@/components/ProblemNote';
import { durationText } from '@/components/units';
import { asProblem } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import { setChapters } from '@/lib/recordings/api';
import { timeOfText } from '@/lib/recordings/clip';
import type { Chapter, Recording } from '@/lib/recordings/types';
import { useT, type Translate } from '@/messages/i18n';
import styles from './RecordingEditor.module.css';

const MOST = 100;

interface Row {
  key: number;
  at: string;
  title: string;
}

/** The chapters of a recording, all saved at once. */
export function ChaptersForm({
  recording,
  positionOf,
  onSaved,
}: {
  recording: Recording;
  positionOf(): number;
  onSaved(): void;
}) {
  const t = useT();
  const keys = useRef(0);
  const rowOf = ({ at_ms: at, title }: Chapter): Row => ({
    key: (keys.current += 1),
    at: durationText(at),
    title,
  });
  const [rows, setRows] = useState<Row[]>(() => recording.chapters.map(rowOf));
  const [dirty, setDirty] = useState(false);
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [saved, setSaved] = useState(false);
  const error = asked ? errorOf(rows, recording.full_duration_ms, t) : null;

  const edit = (next: Row[]) => {
    setRows(next);
    setDirty(true);
    setSaved(false);
  };
  const change = (key: number, part: Partial<Row>) =>
    edit(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const save = async () => {
    setAsked(true);
    if (errorOf(rows, recording.full_duration_ms, t) !== null) return;
    setProblem(null);
    try {
      const chapters = rows
        .map(({ at, title }) => ({ at_ms: timeOfText(at) ?? 0, title: title.trim() }))
        .sort((one, other) => one.at_ms - other.at_ms);
      const now = await setChapters(recording.id, chapters);
      setRows(now.chapters.map(rowOf));
      setDirty(false);
      setAsked(false);
      setSaved(true);
      onSaved();
    } catch (failed) {
      setProblem(asProblem(failed));
    }
  };
  return (
    <div className={styles.rows}>
      {rows.map((row, index) => (
        <div key={row.key} className={styles.chapter}>
          <TextField
            label={t('recordings.chapters.at')}
            inputMode="numeric"
            value={row.at}
            onChange={({ target }) => change(row.key, { at: target.value })}
          />
          <TextField
            label={t('recordings.chapters.title')}
            maxLength={140}
            dir="auto"
            value={row.title}
            onChange={({ target }) => change(row.key, { title: target.value })}
          />
          <IconButton
            label={t('recordings.chapters.remove', { number: index + 1 })}
            className={styles.remove}
            onClick={() => edit(rows.filter(({ key }) => key !== row.key))}
          >
            <X size={16} />
          </IconButton>
        </div>
      ))}
      {error !== null && (
        <p role="alert" className={styles.wrong}>
          {error}
        </p>
      )}
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
      <div className={styles.acts}>
        <Button
          icon={<Plus size={16} />}
          disabled={rows.length >= MOST}
          onClick={() => edit([...rows, rowOf({ at_ms: positionOf(), title: '' })])}
        >
          {t('recordings.chapters.add')}
        </Button>
        {(dirty || rows.length > 0) && (
          <Button look="primary" disabled={!dirty} onClick={() => void save()}>
            {t('recordings.chapters.save')}
          </Button>
        )}
        <span role="status">{saved && t('form.saved')}</span>
      </div>
    </div>
  );
}

function errorOf(rows: readonly Row[], full: number, t: Translate): string | null {
  const times = rows.map(({ at }) => timeOfText(at));
  if (times.includes(null)) return t('recordings.time.wrong');
  if (times.some((at) => (at ?? 0) > full))
    return t('recordings.time.beyond', { time: durationText(full) });
  if (new Set(times).size < times.length) return t('recordings.chapters.same');
  return rows.some(({ title }) => title.trim() === '') ? t('recordings.chapters.missing') : null;
}
