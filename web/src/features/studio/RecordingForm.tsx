import { RadioList } from '@/components/Choices';
import { Form, FormActions } from '@/components/Form';
import {
  VISIBILITIES,
  type Recording,
  type RecordingEdit,
  type RecordingVisibility,
} from '@/lib/recordings/types';
import { useT } from '@/messages/i18n';
import { TitleFields } from './TitleFields';
import { useSavedForm } from './use-saved-form';

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
  const form = useSavedForm<Recording, Values>({
    saved: recording,
    valuesOf,
    check: ({ title }) => (title.trim() === '' ? { title: t('studio.field.title.missing') } : {}),
    save: (values, base) => {
      const change: RecordingEdit = {};
      if (values.title !== base.title) change.title = values.title.trim();
      if (values.description !== base.description) change.description = values.description;
      if (values.visibility !== base.visibility) change.visibility = values.visibility;
      return onSave(change);
    },
  });
  return (
    <Form form={form} label={t('recordings.details')}>
      <TitleFields form={form} rows={4} />
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
