import { TextArea, TextField } from '@/components/Fields';
import type { FormState } from '@/components/use-form';
import { useT } from '@/messages/i18n';

interface Titled {
  title: string;
  description: string;
}

/** What something is called, and more words about it. */
export function TitleFields({
  form,
  rows,
}: {
  form: Pick<FormState<Titled>, 'field'>;
  /** Of the description. */
  rows: number;
}) {
  const t = useT();
  return (
    <>
      <TextField
        label={t('studio.field.title')}
        maxLength={140}
        dir="auto"
        {...form.field('title')}
      />
      <TextArea
        label={t('studio.field.description')}
        rows={rows}
        maxLength={5000}
        dir="auto"
        {...form.field('description')}
      />
    </>
  );
}
