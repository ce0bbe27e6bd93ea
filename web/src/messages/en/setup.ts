export const setup = {
  'setup.title': 'Set up this server',
} as const;
