import { SelectField } from '@/components/Fields';
import { useLoad } from '@/components/use-load';
import { categories } from '@/lib/streams/catalogue';
import { useT } from '@/messages/i18n';

/** What it is about; the empty choice is none. */
export function CategoryField({
  value,
  onChoose,
}: {
  value: string;
  onChoose(slug: string): void;
}) {
  const t = useT();
  const { value: known } = useLoad(categories);
  const options = (known ?? []).map(({ slug, name }) => ({ value: slug, label: name }));
  // Until the list is loaded the chosen one is all that is known.
  if (value !== '' && !options.some((option) => option.value === value))
    options.push({ value, label: value });
  return (
    <SelectField
      label={t('studio.field.category')}
      options={[{ value: '', label: t('studio.field.category.none') }, ...options]}
      value={value}
      onChoose={onChoose}
    />
  );
}
