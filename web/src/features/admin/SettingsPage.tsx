import { Button } from '@/components/Button';
import { RadioList } from '@/components/Choices';
import { ConflictDialog } from '@/components/ConflictDialog';
import { SelectField, Switch, TextArea, TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { PageHead, Panel } from '@/components/Panel';
import { Note, ProblemText } from '@/components/ProblemNote';
import { Skeleton } from '@/components/Skeleton';
import { useForm } from '@/components/use-form';
import { usePage } from '@/components/use-page';
import { useRecord } from '@/components/use-record';
import { settings, updateSettings } from '@/lib/api/admin';
import type { EmailVerification, Settings, SignupMode, UpdateSettings } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import styles from './people.module.css';

const MODES: readonly SignupMode[] = ['open', 'approval', 'invite', 'closed'];
const VERIFICATIONS: readonly EmailVerification[] = ['required', 'optional', 'off'];

interface PanelProps {
  known: Settings;
  save(change: UpdateSettings): Promise<Settings>;
}

export default function SettingsPage() {
  const t = useT();
  usePage(t('admin.settings'));
  const { value, problem, save, conflict, reload } = useRecord(settings, updateSettings);
  return (
    <>
      <PageHead title={t('admin.settings')} />
      {problem !== null && (
        <Note
          action={
            <Button look="quiet" onClick={reload}>
              {t('action.retry')}
            </Button>
          }
        >
          <ProblemText problem={problem} />
        </Note>
      )}
      {value === null ? (
        problem === null && <Skeleton height="420px" />
      ) : (
        <>
          <GeneralPanel known={value} save={save} />
          <TermsPanel known={value} save={save} />
        </>
      )}
      <ConflictDialog
        conflict={conflict}
        labels={{
          name: t('admin.settings.name'),
          public_url: t('admin.settings.url'),
          signup_mode: t('admin.settings.mode'),
          email_verification: t('admin.settings.verification'),
          anyone_may_stream: t('admin.settings.anyone'),
          terms: t('admin.settings.terms'),
        }}
      />
    </>
  );
}

interface General {
  name: string;
  public_url: string;
  signup_mode: SignupMode;
  email_verification: EmailVerification | '';
  anyone_may_stream: boolean;
}

const generalOf = (from: Settings): General => ({
  name: from.name,
  public_url: from.public_url ?? '',
  signup_mode: from.signup_mode,
  email_verification: from.email_verification ?? '',
  anyone_may_stream: from.anyone_may_stream,
});

function GeneralPanel({ known, save }: PanelProps) {
  const t = useT();
  const form = useForm<General>({
    initial: generalOf(known),
    check: (values) => ({
      ...(values.name.trim() === '' && { name: t('admin.settings.name.missing') }),
      ...(values.public_url !== '' &&
        !/^https?:\/\/[^\s/]+/.test(values.public_url) && {
          public_url: t('admin.settings.url.invalid'),
        }),
    }),
    submit: async (values) => {
      const saved = await save({
        name: values.name.trim(),
        public_url: values.public_url === '' ? null : values.public_url,
        signup_mode: values.signup_mode,
        email_verification: values.email_verification === '' ? null : values.email_verification,
        anyone_may_stream: values.anyone_may_stream,
      });
      form.reset(generalOf(saved));
    },
  });
  return (
    <Panel title={t('admin.settings.general')}>
      <Form form={form} label={t('admin.settings.general')}>
        <div className={styles.pair}>
          <TextField {...form.field('name')} label={t('admin.settings.name')} maxLength={80} />
          <TextField
            {...form.field('public_url')}
            label={t('admin.settings.url')}
            hint={t('admin.settings.url.hint')}
            type="url"
            inputMode="url"
            mono
            maxLength={300}
          />
        </div>
        <RadioList<SignupMode>
          label={t('admin.settings.mode')}
          value={form.values.signup_mode}
          options={MODES.map((value) => ({
            value,
            label: t(`admin.mode.${value}`),
            hint: t(`admin.mode.${value}.text`),
          }))}
          onChoose={(mode) => form.set('signup_mode', mode)}
        />
        <SelectField
          label={t('admin.settings.verification')}
          hint={t('admin.settings.verification.hint')}
          value={form.values.email_verification}
          options={[
            { value: '', label: t('admin.settings.verification.auto') },
            ...VERIFICATIONS.map((value) => ({
              value,
              label: t(`admin.settings.verification.${value}`),
            })),
          ]}
          onChoose={(value) => form.set('email_verification', value as EmailVerification | '')}
        />
        <Switch
          label={t('admin.settings.anyone')}
          hint={t('admin.settings.anyone.hint')}
          checked={form.values.anyone_may_stream}
          onChange={(on) => form.set('anyone_may_stream', on)}
        />
        <FormActions form={form} label={t('action.save')} idle />
      </Form>
    </Panel>
  );
}

function TermsPanel({ known, save }: PanelProps) {
  const t = useT();
  const form = useForm({
    initial: { version: '', title: known.terms?.title ?? '', body: '' },
    aliases: { 'terms.version': 'version', 'terms.title': 'title', 'terms.body': 'body' },
    check: (values) => ({
      ...(values.version.trim() === '' && { version: t('admin.settings.terms.version.missing') }),
      ...(values.title.trim() === '' && { title: t('admin.settings.terms.title.missing') }),
      ...(values.body.trim() === '' && { body: t('admin.settings.terms.body.missing') }),
    }),
    submit: async (terms) => {
      const saved = await save({ terms });
      form.reset({ version: '', title: saved.terms?.title ?? '', body: '' });
    },
  });
  return (
    <Panel
      title={t('admin.settings.terms')}
      text={
        known.terms === null
          ? t('admin.settings.terms.none')
          : t('admin.settings.terms.now', {
              title: known.terms.title,
              version: known.terms.version,
            })
      }
    >
      <Form form={form} label={t('admin.settings.terms')}>
        <div className={styles.pair}>
          <TextField
            {...form.field('title')}
            label={t('admin.settings.terms.title')}
            maxLength={140}
          />
          <TextField
            {...form.field('version')}
            label={t('admin.settings.terms.version')}
            placeholder="2"
            maxLength={40}
          />
        </div>
        <TextArea
          {...form.field('body')}
          label={t('admin.settings.terms.body')}
          hint={t('admin.settings.terms.hint')}
          rows={6}
        />
        <FormActions form={form} label={t('admin.settings.terms.action')} />
      </Form>
    </Panel>
  );
}
