import { SelectField, TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Section } from '@/components/Section';
import { localInputOf, timeOfLocalInput } from '@/components/time';
import { MATURITIES, type Maturity, type Stream, type StreamEdit } from '@/lib/streams/types';
import { useI18n, useT } from '@/messages/i18n';
import { passwordMissing } from './AboutFields';
import { AccessFields } from './AccessFields';
import { CategoryField } from './CategoryField';
import { DangerZone } from './DangerZone';
import { TagsField } from './TagsField';
import { ThumbnailField } from './ThumbnailField';
import { TitleFields } from './TitleFields';
import { useSavedForm } from './use-saved-form';
import styles from './DetailsSection.module.css';

/** What is said of a stream, its picture, and its end. */
export function DetailsSection({
  stream,
  onSave,
  onReload,
}: {
  stream: Stream;
  onSave(change: StreamEdit): Promise<Stream>;
  onReload(): void;
}) {
  const t = useT();
  return (
    <div className={styles.details}>
      <DetailsForm stream={stream} onSave={onSave} />
      <aside className={styles.side}>
        <Section title={t('studio.thumbnail')}>
          <ThumbnailField stream={stream} onChange={onReload} />
        </Section>
        <DangerZone stream={stream} />
      </aside>
    </div>
  );
}

interface Values {
  title: string;
  description: string;
  category: string;
  tags: string[];
  access: Stream['access'];
  password: string;
  maturity: Maturity;
  language: string;
  scheduled_start: string;
}

function valuesOf(stream: Stream): Values {
  return {
    title: stream.title,
    description: stream.description,
    category: stream.category?.slug ?? '',
    tags: stream.tags,
    access: stream.access,
    password: '',
    maturity: stream.maturity,
    language: stream.language ?? '',
    scheduled_start: localInputOf(stream.scheduled_start),
  };
}

function DetailsForm({
  stream,
  onSave,
}: {
  stream: Stream;
  onSave(change: StreamEdit): Promise<Stream>;
}) {
  const t = useT();
  const kept = stream.access === 'password';
  const form = useSavedForm<Stream, Values>({
    saved: stream,
    valuesOf,
    check: (values) => ({
      ...(values.title.trim() === '' ? { title: t('studio.field.title.missing') } : {}),
      ...(passwordMissing(values, kept) ? { password: t('studio.field.password.missing') } : {}),
    }),
    save: (values, base) => onSave(editOf(values, base)),
  });
  const { values, set } = form;

  return (
    <Form form={form} label={t('studio.section.details')}>
      <TitleFields form={form} rows={6} />
      <CategoryField value={values.category} onChoose={(category) => set('category', category)} />
      <TagsField tags={values.tags} onChange={(tags) => set('tags', tags)} />
      <AccessFields
        access={values.access}
        password={values.password}
        kept={kept}
        error={form.errors.password}
        onAccess={(access) => set('access', access)}
        onPassword={(password) => set('password', password)}
      />
      <div className={styles.pair}>
        <SelectField
          label={t('studio.field.maturity')}
          options={MATURITIES.map((maturity) => ({
            value: maturity,
            label: t(`maturity.${maturity}`),
          }))}
          value={values.maturity}
          onChoose={(maturity) => set('maturity', maturity as Maturity)}
        />
        <LanguageField value={values.language} onChoose={(language) => set('language', language)} />
      </div>
      <TextField
        label={t('studio.field.schedule')}
        hint={t('studio.field.schedule.hint')}
        type="datetime-local"
        {...form.field('scheduled_start')}
      />
      <FormActions form={form} label={t('studio.save')} idle />
    </Form>
  );
}

/** Only what was changed here: what somebody else changed meanwhile stays theirs. */
function editOf(values: Values, base: Values): StreamEdit {
  const changed = (name: keyof Values) =>
    JSON.stringify(values[name]) !== JSON.stringify(base[name]);
  return {
    ...(changed('title') ? { title: values.title.trim() } : {}),
    ...(changed('description') ? { description: values.description } : {}),
    ...(changed('category') ? { category: values.category === '' ? null : values.category } : {}),
    ...(changed('tags') ? { tags: values.tags } : {}),
    ...(changed('access') ? { access: values.access } : {}),
    ...(values.access === 'password' && values.password !== ''
      ? { password: values.password }
      : {}),
    ...(changed('maturity') ? { maturity: values.maturity } : {}),
    ...(changed('language') ? { language: values.language === '' ? null : values.language } : {}),
    ...(changed('scheduled_start')
      ? { scheduled_start: timeOfLocalInput(values.scheduled_start) }
      : {}),
  };
}

/** Languages that many streams are in, named in the language of the page. */
const LANGUAGES = [
  'ar',
  'de',
  'en',
  'es',
  'fr',
  'it',
  'ja',
  'ko',
  'nl',
  'pl',
  'pt',
  'ru',
  'tr',
  'uk',
  'zh',
];

function LanguageField({ value, onChoose }: { value: string; onChoose(language: string): void }) {
  const { t, locale } = useI18n();
  const names = new Intl.DisplayNames(locale, { type: 'language' });
  const codes = value === '' || LANGUAGES.includes(value) ? LANGUAGES : [...LANGUAGES, value];
  const options = codes
    .map((code) => ({ value: code, label: names.of(code) ?? code }))
    .sort((one, other) => one.label.localeCompare(other.label, locale));
  return (
    <SelectField
      label={t('studio.field.language')}
      options={[{ value: '', label: t('studio.field.language.none') }, ...options]}
      value={value}
      onChoose={onChoose}
    />
  );
}
