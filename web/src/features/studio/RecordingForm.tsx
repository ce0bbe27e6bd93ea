import { useEffect, useState } from 'react';
import { RadioList } from '@/components/Choices';
import { TextArea, TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { useForm } from '@/components/use-form';
import {
  VISIBILITIES,
  type Recording,
  type RecordingEdit,
  type RecordingVisibility,
} from '@/lib/recordings/types';
import { useT } from '@/messages/i18n';

interface Values {
  title: string;
  description: string;
  visibility: RecordingVisibility;
}

const valuesOf = ({ title, description, visibility }: Recording): Values => ({
  title,
  description,
  visibility,
});

/** What a recording is called and who finds it. */
export function RecordingForm({
  recording,
  onSave,
}: {
  recording: Recording;
  onSave(change: RecordingEdit): Promise<Recording>;
}) {
  const t = useT();
  const [base, setBase] = useState(() => valuesOf(recording));
  const [saved, setSaved] = useState<Recording | null>(null);
  const form = useForm<Values>({
    initial: base,
    check: ({ title }) => (title.trim() === '' ? { title: t('studio.field.title.missing') } : {}),
    submit: async (values) => {
      const change: RecordingEdit = {};
      if (values.title !== base.title) change.title = values.title.trim();
      if (values.description !== base.description) change.description = values.description;
      if (values.visibility !== base.visibility) change.visibility = values.visibility;
      setSaved(await onSave(change));
    },
  });
  const { reset } = form;
  // What the server has now counts: it may have trimmed, or somebody else's version was taken.
  useEffect(() => {
    if (saved === null) return;
    setBase(valuesOf(saved));
    reset(valuesOf(saved));
    setSaved(null);
  }, [saved, reset]);
  return (
    <Form form={form} label={t('recordings.details')}>
      <TextField
        label={t('studio.field.title')}
        maxLength={140}
        dir="auto"
        {...form.field('title')}
      />
      <TextArea
        label={t('studio.field.description')}
        rows={4}
        maxLength={5000}
        dir="auto"
        {...form.field('description')}
      />
      <RadioList<RecordingVisibility>
        label={t('recordings.field.visibility')}
        value={form.values.visibility}
        options={VISIBILITIES.map((value) => ({
          value,
          label: t(`recording.visibility.${value}`),
          hint: t(`recordings.visibility.${value}`),
        }))}
        onChoose={(visibility) => form.set('visibility', visibility)}
      />
      <FormActions form={form} label={t('studio.save')} idle />
    </Form>
  );
}
