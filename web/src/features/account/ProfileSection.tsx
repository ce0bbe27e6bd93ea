import { Plus, Trash2 } from 'lucide-react';
import { Button, IconButton } from '@/components/Button';
import { TextArea, TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Panel } from '@/components/Panel';
import { Time } from '@/components/Time';
import { useForm } from '@/components/use-form';
import type { Link, Me } from '@/lib/api/types';
import { validHandle } from '@/lib/auth/handle';
import { useT } from '@/messages/i18n';
import { AvatarField } from './AvatarField';
import type { SectionProps } from './SettingsPage';
import styles from './ProfileSection.module.css';

const NAME_MAX = 60;
const BIO_MAX = 2000;
const LINKS_MAX = 10;

export function ProfileSection({ me, save }: SectionProps) {
  const t = useT();
  const form = useForm({
    initial: {
      display_name: me.display_name,
      handle: me.handle,
      bio: me.bio,
      links: me.links,
    },
    check: (values) => ({
      ...(values.display_name.trim() === '' && { display_name: t('account.name.missing') }),
      ...(!validHandle(values.handle) && { handle: t('account.handle.invalid') }),
      ...(values.links.some(
        ({ title, url }) => title === '' || !/^https?:\/\/\S+\.?\S+/.test(url),
      ) && {
        links: t('account.links.invalid'),
      }),
    }),
    submit: async ({ links, ...values }) => {
      const saved = await save({ ...values, links });
      form.reset({
        display_name: saved.display_name,
        handle: saved.handle,
        bio: saved.bio,
        links: saved.links,
      });
    },
  });
  return (
    <>
      <Membership me={me} />
      <Panel title={t('account.avatar')} text={t('account.avatar.text')}>
        <AvatarField name={me.display_name} url={me.avatar_url} />
      </Panel>
      <Panel title={t('account.public')} text={t('account.public.text')}>
        <Form form={form} label={t('account.public')}>
          <div className={styles.pair}>
            <TextField
              {...form.field('display_name')}
              label={t('account.name')}
              autoComplete="name"
              autoCapitalize="words"
              maxLength={NAME_MAX}
            />
            <TextField
              {...form.field('handle')}
              label={t('account.handle')}
              hint={t('account.handle.hint', { handle: form.values.handle })}
              autoComplete="nickname"
              maxLength={30}
            />
          </div>
          <TextArea
            {...form.field('bio')}
            label={t('account.bio')}
            hint={t('account.bio.hint', { count: BIO_MAX - form.values.bio.length })}
            maxLength={BIO_MAX}
            rows={4}
          />
          <Links
            links={form.values.links}
            error={form.errors.links}
            onChange={(links) => form.set('links', links)}
          />
          <FormActions form={form} label={t('action.save')} idle />
        </Form>
      </Panel>
    </>
  );
}

function Links({
  links,
  error,
  onChange,
}: {
  links: Link[];
  error: string | undefined;
  onChange(links: Link[]): void;
}) {
  const t = useT();
  const change = (at: number, part: Partial<Link>) =>
    onChange(links.map((link, index) => (index === at ? { ...link, ...part } : link)));
  return (
    <fieldset className={styles.links} aria-describedby={error && 'links-error'}>
      <legend className={styles.legend}>{t('account.links')}</legend>
      {links.map((link, index) => (
        <div key={index} className={styles.link}>
          <TextField
            label={t('account.links.title')}
            name={index === 0 ? 'links' : undefined}
            value={link.title}
            maxLength={40}
            onChange={(event) => change(index, { title: event.target.value })}
          />
          <TextField
            label={t('account.links.url')}
            type="url"
            inputMode="url"
            autoComplete="url"
            placeholder="https://"
            value={link.url}
            maxLength={300}
            onChange={(event) => change(index, { url: event.target.value })}
          />
          <IconButton
            label={t('account.links.remove', { title: link.title || String(index + 1) })}
            onClick={() => onChange(links.filter((_, at) => at !== index))}
          >
            <Trash2 size={18} />
          </IconButton>
        </div>
      ))}
      {error !== undefined && (
        <p id="links-error" className={styles.error}>
          {error}
        </p>
      )}
      {links.length < LINKS_MAX && (
        <Button
          look="quiet"
          icon={<Plus size={18} />}
          onClick={() => onChange([...links, { title: '', url: '' }])}
        >
          {t('account.links.add')}
        </Button>
      )}
    </fieldset>
  );
}

/** What the account is: its address, what it has paid for and until when, since when it is there. */
function Membership({ me }: { me: Me }) {
  const t = useT();
  return (
    <Panel title={t('account.membership')} text={me.email}>
      <dl className={styles.facts}>
        <div>
          <dt>{t('account.tier')}</dt>
          <dd>
            {t(`account.tier.${me.tier}`)}
            {me.tier !== 'free' && me.tier_expires_at !== null && (
              <>
                {', '}
                {t('account.tier.until')} <Time at={me.tier_expires_at} look="date" />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('account.since')}</dt>
          <dd>
            <Time at={me.member_since} look="date" />
          </dd>
        </div>
      </dl>
    </Panel>
  );
}
