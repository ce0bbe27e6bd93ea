// The two fields of a new person: while nobody has typed a handle, it follows the name.

import { useState, type ChangeEvent } from 'react';
import { suggestHandle } from '@/lib/auth/handle';
import type { FormState } from './use-form';

type Typed = ChangeEvent<HTMLInputElement | HTMLTextAreaElement>;

/** What the text fields of `display_name` and `handle` of a form need. */
export function useNameAndHandle(form: FormState<{ display_name: string; handle: string }>) {
  const [ownHandle, setOwnHandle] = useState(form.values.handle !== '');
  return {
    name: {
      ...form.field('display_name'),
      autoCapitalize: 'words',
      maxLength: 80,
      onChange(event: Typed) {
        form.set('display_name', event.target.value);
        if (!ownHandle) form.set('handle', suggestHandle(event.target.value));
      },
    },
    handle: {
      ...form.field('handle'),
      maxLength: 30,
      onChange(event: Typed) {
        setOwnHandle(event.target.value !== '');
        form.set('handle', event.target.value);
      },
    },
  };
}
