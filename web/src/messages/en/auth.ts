export const auth = {
  'auth.signIn.title': 'Sign in',
} as const;
