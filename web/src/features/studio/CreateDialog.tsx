import { useState } from 'react';
import { useLocation } from 'wouter';
import { Dialog } from '@/components/Dialog';
import { TextField } from '@/components/Fields';
import { Form, FormActions } from '@/components/Form';
import { useForm } from '@/components/use-form';
import { paths } from '@/config/routes';
import { ProblemError } from '@/lib/api/problem';
import { createStream } from '@/lib/streams/own';
import type { Access } from '@/lib/streams/types';
import { useT } from '@/messages/i18n';
import { AccessFields } from './AccessFields';
import { CategoryField } from './CategoryField';
import { nameFrom, validStreamName } from './credentials';

const FIRST = { title: '', name: '', category: '', access: 'public' as Access, password: '' };

/** A new stream: what cannot wait. Everything else has its page. */
export function CreateDialog({ open, onClose }: { open: boolean; onClose(): void }) {
  const t = useT();
  return (
    <Dialog title={t('studio.create.title')} open={open} onClose={onClose}>
      <CreateForm />
    </Dialog>
  );
}

function CreateForm() {
  const t = useT();
  const [, navigate] = useLocation();
  // The address follows the title until somebody types one.
  const [ownName, setOwnName] = useState(false);
  const form = useForm({
    initial: FIRST,
    check: ({ title, name, access, password }) => ({
      ...(title.trim() === '' ? { title: t('studio.field.title.missing') } : {}),
      ...(validStreamName(name) ? {} : { name: t('studio.stream.invalid') }),
      ...(access === 'password' && password.length < 4
        ? { password: t('studio.field.password.missing') }
        : {}),
    }),
    submit: async ({ title, name, category, access, password }) => {
      try {
        const stream = await createStream({
          name,
          title: title.trim(),
          access,
          ...(category === '' ? {} : { category }),
          ...(access === 'password' ? { password } : {}),
        });
        navigate(paths.studioStream(stream.name));
      } catch (error) {
        if (!(error instanceof ProblemError) || error.code !== 'already_exists') throw error;
        throw new ProblemError('invalid_input', {
          fields: [{ field: 'name', code: 'name_taken', message: t('studio.name.taken') }],
        });
      }
    },
  });
  const { values, set } = form;
  return (
    <Form form={form}>
      <TextField
        label={t('studio.field.title')}
        hint={t('studio.field.title.hint')}
        maxLength={140}
        {...form.field('title')}
        onChange={({ target }) => {
          set('title', target.value);
          if (!ownName) set('name', nameFrom(target.value));
        }}
      />
      <TextField
        label={t('studio.name')}
        hint={`${location.host}${paths.watch(values.name)}`}
        mono
        maxLength={64}
        {...form.field('name')}
        onChange={({ target }) => {
          setOwnName(target.value !== '');
          set('name', target.value.toLowerCase());
        }}
      />
      <CategoryField value={values.category} onChoose={(category) => set('category', category)} />
      <AccessFields
        access={values.access}
        password={values.password}
        error={form.errors.password}
        onAccess={(access) => set('access', access)}
        onPassword={(password) => set('password', password)}
      />
      <FormActions form={form} label={t('studio.create.action')} wide />
    </Form>
  );
}
