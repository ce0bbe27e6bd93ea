import { useState } from 'react';
import { Button } from '@/components/Button';
import { CopyLine } from '@/components/Copy';
import { Dialog } from '@/components/Dialog';
import { SelectField, TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Note, ProblemText } from '@/components/ProblemNote';
import { useForm } from '@/components/use-form';
import { asProblem } from '@/components/use-load';
import type { ProblemError } from '@/lib/api/problem';
import { addKey, revokeKey, rotateKey } from '@/lib/streams/own';
import type { Stream, StreamKey } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';

const DAY_MS = 86_400_000;

/** How long a new key is good for, in days; 0 is without end. */
const LIFETIMES = [
  ['0', 'keys.expiry.never'],
  ['1', 'keys.expiry.day'],
  ['7', 'keys.expiry.week'],
  ['30', 'keys.expiry.month'],
  ['90', 'keys.expiry.quarter'],
] as const;

/** How long the old key of a rotation is good for, in seconds. */
const OVERLAPS = [
  ['600', 'keys.rotate.10m'],
  ['3600', 'keys.rotate.1h'],
  ['86400', 'keys.rotate.1d'],
  ['0', 'keys.rotate.now'],
] as const;

interface Made {
  stream: Stream;
  onClose(): void;
  /** The text of the new key. */
  onMade(text: string): void;
}

export function AddKey({ open, ...rest }: Made & { open: boolean }) {
  const t = useT();
  return (
    <Dialog title={t('keys.add')} open={open} onClose={rest.onClose}>
      <AddForm {...rest} />
    </Dialog>
  );
}

function AddForm({ stream, onMade }: Made) {
  const t = useT();
  const form = useForm({
    initial: { name: '', days: '0' },
    check: ({ name }) => (name.trim() === '' ? { name: t('keys.name.missing') } : {}),
    submit: async ({ name, days }) => {
      const end = days === '0' ? null : Date.now() + Number(days) * DAY_MS;
      onMade((await addKey(stream.id, name.trim(), end)).key);
    },
  });
  return (
    <Form form={form}>
      <TextField
        label={t('keys.name')}
        hint={t('keys.name.hint')}
        maxLength={80}
        {...form.field('name')}
      />
      <SelectField
        label={t('keys.expiry')}
        options={LIFETIMES.map(([value, label]) => ({ value, label: t(label) }))}
        value={form.values.days}
        onChoose={(days) => form.set('days', days)}
      />
      <FormActions form={form} label={t('keys.add')} wide />
    </Form>
  );
}

export function RotateKey({ of: key, ...rest }: Made & { of: StreamKey | null }) {
  const t = useT();
  return (
    <Dialog
      title={t('keys.rotate.title', { name: key?.name ?? '' })}
      open={key !== null}
      onClose={rest.onClose}
    >
      {key !== null && <RotateForm of={key} {...rest} />}
    </Dialog>
  );
}

function RotateForm({ stream, of: key, onMade }: Made & { of: StreamKey }) {
  const t = useT();
  const form = useForm({
    initial: { overlap: '600' },
    submit: async ({ overlap }) =>
      onMade((await rotateKey(stream.id, key.id, Number(overlap))).key),
  });
  return (
    <Form form={form}>
      <p>{t('keys.rotate.text')}</p>
      <SelectField
        label={t('keys.rotate.overlap')}
        options={OVERLAPS.map(([value, label]) => ({ value, label: t(label) }))}
        value={form.values.overlap}
        onChoose={(overlap) => form.set('overlap', overlap)}
      />
      <FormActions form={form} label={t('keys.rotate.action')} wide />
    </Form>
  );
}

export function RevokeKey({
  stream,
  of: key,
  onClose,
  onDone,
}: {
  stream: Stream;
  of: StreamKey | null;
  onClose(): void;
  onDone(): void;
}) {
  const t = useT();
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const revoke = async () => {
    if (key === null) return;
    try {
      await revokeKey(stream.id, key.id);
      setProblem(null);
      onDone();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <Dialog
      title={t('keys.revoke.title', { name: key?.name ?? '' })}
      open={key !== null}
      onClose={onClose}
      actions={
        <>
          <Button look="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button look="danger" onClick={() => void revoke()}>
            {t('keys.revoke.action')}
          </Button>
        </>
      }
    >
      <p>{t('keys.revoke.text')}</p>
      {problem !== null && (
        <Note>
          <ProblemText problem={problem} />
        </Note>
      )}
    </Dialog>
  );
}

/** The text of a new key, to be copied now. */
export function MadeDialog({ text, onClose }: { text: string | null; onClose(): void }) {
  const t = useT();
  return (
    <Dialog
      title={t('keys.made')}
      open={text !== null}
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          {t('action.close')}
        </Button>
      }
    >
      <p>{t('keys.made.text')}</p>
      <CopyLine label={t('studio.key')} value={text ?? ''} secret />
    </Dialog>
  );
}
