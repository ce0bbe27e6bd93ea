import { Button } from '@/components/Button';
import { Checkbox } from '@/components/Choices';
import { SelectField, TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { useForm } from '@/components/use-form';
import { createApiKey } from '@/lib/api/me';
import type { ApiKey, Scope } from '@/lib/api/types';
import { useT } from '@/messages/i18n';
import styles from './NewApiKey.module.css';

const DAY_MS = 86_400_000;
const LIFETIMES = ['30', '90', '365', 'never'] as const;
type Lifetime = (typeof LIFETIMES)[number];

const OWN: readonly Scope[] = [
  'read:profile',
  'write:profile',
  'read:streams',
  'write:streams',
  'read:keys',
  'write:keys',
  'publish',
  'watch',
];
const ADMIN: readonly Scope[] = ['read:admin', 'write:admin'];

export function NewApiKey({
  mayAdmin,
  onCreated,
  onCancel,
}: {
  /** Whether the account may do what the scopes of administrators are for. */
  mayAdmin: boolean;
  onCreated(created: { key: string; api_key: ApiKey }): void;
  onCancel(): void;
}) {
  const t = useT();
  const form = useForm<{ name: string; scopes: Scope[]; lifetime: Lifetime }>({
    initial: { name: '', scopes: [], lifetime: '90' },
    check: (values) => ({
      ...(values.name.trim() === '' && { name: t('account.keys.name.missing') }),
      ...(values.scopes.length === 0 && { scopes: t('account.keys.scopes.missing') }),
    }),
    submit: async ({ name, scopes, lifetime }) => {
      const expiresAt = lifetime === 'never' ? null : Date.now() + Number(lifetime) * DAY_MS;
      onCreated(await createApiKey(name.trim(), scopes, expiresAt));
    },
  });
  const { scopes } = form.values;
  const toggle = (scope: Scope, on: boolean) =>
    form.set('scopes', on ? [...scopes, scope] : scopes.filter((other) => other !== scope));
  return (
    <div className={styles.box}>
      <Form form={form} label={t('account.keys.new')}>
        <div className={styles.pair}>
          <TextField
            {...form.field('name')}
            label={t('account.keys.name')}
            placeholder={t('account.keys.name.example')}
            maxLength={80}
            autoFocus
          />
          <SelectField
            label={t('account.keys.lifetime')}
            value={form.values.lifetime}
            options={LIFETIMES.map((value) => ({
              value,
              label:
                value === 'never'
                  ? t('account.keys.never')
                  : t('account.keys.days', { count: Number(value) }),
            }))}
            onChoose={(value) => form.set('lifetime', value as Lifetime)}
          />
        </div>
        <fieldset className={styles.scopes} aria-describedby={form.errors.scopes && 'scopes-error'}>
          <legend className={styles.legend}>{t('account.keys.scopes')}</legend>
          {[...OWN, ...(mayAdmin ? ADMIN : [])].map((scope) => (
            <Checkbox
              key={scope}
              name="scopes"
              label={t(`account.scope.${scope}`)}
              checked={scopes.includes(scope)}
              onChange={(on) => toggle(scope, on)}
            />
          ))}
        </fieldset>
        {form.errors.scopes !== undefined && (
          <p id="scopes-error" className={styles.error}>
            {form.errors.scopes}
          </p>
        )}
        <FormActions form={form} label={t('account.keys.create')}>
          <Button look="quiet" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
        </FormActions>
      </Form>
    </div>
  );
}
