export const account = {
  'account.title': 'Settings',
} as const;
