import type { auth as english } from '../en/auth';

export const auth: Record<keyof typeof english, string> = {
  'auth.signIn.title': 'Anmelden',
};
