import { useState } from 'react';
import { TextField } from '@/components/Fields';
import { Note, ProblemText } from '@/components/ProblemNote';
import { asProblem } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import type { Access, Stream, StreamEdit } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { AccessFields } from './AccessFields';
import { CategoryField } from './CategoryField';
import { TagsField } from './TagsField';

interface Values {
  title: string;
  category: string;
  tags: string[];
  access: Access;
  password: string;
}

export interface About {
  values: Values;
  change(change: Partial<Values>): void;
  dirty: boolean;
  busy: boolean;
  problem: ProblemError | null;
  /** Whether it can be saved as it is. */
  complete: boolean;
  /** Whether an empty password keeps the one in force. */
  kept: boolean;
  /** Saves what differs; false where that failed. */
  save(): Promise<boolean>;
}

/** What people ask themselves before going live: what it is called, what about, and for whom. */
export function useAbout(stream: Stream, onSave: (change: StreamEdit) => Promise<Stream>): About {
  const [changed, setChanged] = useState<Partial<Values>>({});
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const values: Values = {
    title: stream.title,
    category: stream.category?.slug ?? '',
    tags: stream.tags,
    access: stream.access,
    password: '',
    ...changed,
  };
  const edit = editOf(values, stream);
  const kept = stream.access === 'password';
  const dirty = Object.keys(edit).length > 0;
  return {
    values,
    change: (change) => setChanged((before) => ({ ...before, ...change })),
    dirty,
    busy,
    problem,
    complete: values.title.trim() !== '' && !passwordMissing(values, kept),
    kept,
    save: async () => {
      if (!dirty) return true;
      setBusy(true);
      try {
        await onSave(edit);
        setChanged({});
        setProblem(null);
        return true;
      } catch (error) {
        setProblem(asProblem(error));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}

export function passwordMissing(
  { access, password }: Pick<Values, 'access' | 'password'>,
  kept: boolean,
): boolean {
  return access === 'password' && password.length < 4 && !(kept && password === '');
}

function editOf(values: Values, stream: Stream): StreamEdit {
  const title = values.title.trim();
  return {
    ...(title === stream.title ? {} : { title }),
    ...(values.category === (stream.category?.slug ?? '')
      ? {}
      : { category: values.category === '' ? null : values.category }),
    ...(values.tags.join('\n') === stream.tags.join('\n') ? {} : { tags: values.tags }),
    ...(values.access === stream.access ? {} : { access: values.access }),
    ...(values.access === 'password' && values.password !== ''
      ? { password: values.password }
      : {}),
  };
}

export function AboutFields({ about, strict }: { about: About; strict: boolean }) {
  const t = useT();
  const { values, change } = about;
  return (
    <>
      {about.problem !== null && (
        <Note title={t('studio.failed')}>
          <ProblemText problem={about.problem} />
        </Note>
      )}
      <TextField
        label={t('studio.field.title')}
        error={strict && values.title.trim() === '' ? t('studio.field.title.missing') : undefined}
        maxLength={140}
        dir="auto"
        value={values.title}
        onChange={(event) => change({ title: event.target.value })}
      />
      <CategoryField value={values.category} onChoose={(category) => change({ category })} />
      <TagsField tags={values.tags} onChange={(tags) => change({ tags })} />
      <AccessFields
        access={values.access}
        password={values.password}
        kept={about.kept}
        error={
          strict && passwordMissing(values, about.kept)
            ? t('studio.field.password.missing')
            : undefined
        }
        onAccess={(access) => change({ access })}
        onPassword={(password) => change({ password })}
      />
    </>
  );
}
