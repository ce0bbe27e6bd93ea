// House rules of the web app. The layers go one way:
// config, lib (no React), messages -> components -> player -> features -> app.
import globals from 'globals';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const features = [
  'home',
  'channel',
  'library',
  'studio',
  'watch',
  'chat',
  'doctor',
  'embed',
  'auth',
  'setup',
  'account',
  'admin',
];

function forbid(files, groups) {
  return {
    files,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: groups.map(([group, message]) => ({ group, message })) },
      ],
    },
  };
}

const app = [['@/app/**'], 'Only main.tsx may import the app: it is where everything meets.'];
const anyFeature = [
  ['@/features/**'],
  'Features are built on this layer, not the other way round.',
];
const player = [['@/player/**'], 'The player is built on this layer.'];
const components = [['@/components/**'], 'Components are built on this layer.'];
const react = [['react', 'react-*', 'wouter*', 'lucide-react'], 'lib has no React.'];
const messages = [['@/messages/**'], 'lib speaks no language.'];
const climbing = [['../../*'], 'Use the @/ alias instead of climbing out of the folder.'];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/lib/api/generated'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      // The rules of the React compiler are left out: we do not use it, and media elements are changed in place.
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'max-lines': ['error', { max: 250 }],
      'no-console': 'error',
      // Members of props and hook results are closures, written as methods for brevity.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  forbid(['src/config/**', 'src/lib/**'], [app, anyFeature, player, components, react, messages]),
  forbid(['src/messages/**'], [app, anyFeature, player, components]),
  forbid(['src/components/**'], [app, anyFeature, player, climbing]),
  forbid(['src/player/**'], [app, anyFeature, climbing]),
  ...features.map((feature) =>
    forbid(
      [`src/features/${feature}/**`],
      [
        app,
        climbing,
        [
          features.filter((other) => other !== feature).map((other) => `@/features/${other}/**`),
          'No feature imports another; what two features need lives in a layer below.',
        ],
      ],
    ),
  ),
  {
    files: ['**/*.{js,mjs}'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { globals: globals.node, parserOptions: { projectService: false } },
  },
  { files: ['scripts/**', 'testing/**'], rules: { 'no-console': 'off' } },
  // A catalogue is one list; cutting it up would only hide what is missing.
  {
    files: ['src/messages/{en,de}.ts', 'src/messages/{en,de}/*.ts'],
    rules: { 'max-lines': 'off' },
  },
);
