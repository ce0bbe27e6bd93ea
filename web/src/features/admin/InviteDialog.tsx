import { useState } from 'react';
import { Button } from '@/components/Button';
import { CopyLine } from '@/components/Copy';
import { Dialog } from '@/components/Dialog';
import { SelectField, TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { Note } from '@/components/ProblemNote';
import { useForm } from '@/components/use-form';
import { useNameAndHandle } from '@/components/use-name-and-handle';
import { inviteAccount } from '@/lib/api/admin';
import type { Role } from '@/lib/api/types';
import { validHandle } from '@/lib/auth/handle';
import { useT } from '@/messages/i18n';
import { ROLES } from './people';

/** Makes an account for somebody, who chooses the password by the link. */
export function InviteDialog({ onClose, onInvited }: { onClose(): void; onInvited(): void }) {
  const t = useT();
  const [link, setLink] = useState<string | null>(null);
  return (
    <Dialog open title={t('admin.users.invite')} onClose={onClose}>
      {link === null ? (
        <InviteForm
          onInvited={(url) => {
            setLink(url);
            onInvited();
          }}
        />
      ) : (
        <>
          <Note tone="good">{t('admin.invite.done')}</Note>
          <CopyLine label={t('admin.invite.link')} value={link} />
          <Button onClick={onClose}>{t('action.close')}</Button>
        </>
      )}
    </Dialog>
  );
}

function InviteForm({ onInvited }: { onInvited(url: string): void }) {
  const t = useT();
  const form = useForm<{ email: string; display_name: string; handle: string; role: Role }>({
    initial: { email: '', display_name: '', handle: '', role: 'creator' },
    check: (values) => ({
      ...(!/^\S+@\S+$/.test(values.email.trim()) && { email: t('admin.invite.email.invalid') }),
      ...(values.display_name.trim() === '' && { display_name: t('admin.invite.name.missing') }),
      ...(!validHandle(values.handle) && { handle: t('admin.invite.handle.invalid') }),
    }),
    submit: async (values) =>
      onInvited((await inviteAccount({ ...values, email: values.email.trim() })).invite_url),
  });
  const person = useNameAndHandle(form);
  return (
    <Form form={form} label={t('admin.users.invite')}>
      <TextField
        {...form.field('email')}
        label={t('admin.users.email')}
        type="email"
        inputMode="email"
        autoFocus
      />
      <TextField {...person.name} label={t('admin.invite.name')} />
      <TextField {...person.handle} label={t('admin.invite.handle')} />
      <SelectField
        label={t('admin.users.role')}
        value={form.values.role}
        options={ROLES.map((value) => ({ value, label: t(`admin.role.${value}`) }))}
        onChoose={(role) => form.set('role', role as Role)}
      />
      <FormActions form={form} label={t('admin.invite.action')} wide />
    </Form>
  );
}
