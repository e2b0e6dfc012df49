import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'
import svelteConfig from './ui/svelte.config.js'

/** A tier and what it must not import. The order is lib, kit, then features, then pages. */
function tier(files, forbidden, message) {
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...(forbidden.length > 0 ? [{ group: forbidden, message }] : []),
            { group: ['@tauri-apps/*'], message: 'Only host/tauri.ts knows Tauri.' },
            { group: ['**/test/*'], message: 'What is for tests stays out of the app.' },
          ],
        },
      ],
    },
  }
}

const FEATURES = ['accounts', 'connection', 'messages', 'notifications', 'settings']

export default ts.config(
  { ignores: ['ui/dist/**', 'ui/src/contract.gen.ts', 'tests/e2e/results/**', 'node_modules/**', 'target/**'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['ui/**/*.svelte', 'ui/**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    files: ['**/*.ts', '**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // Addresses are hashes that lib/router makes; there is no server-side base path to resolve.
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/no-at-html-tags': 'error',
      'no-restricted-syntax': [
        'error',
        ...['SvelteElement[kind="html"]', 'SvelteElement[name.type="SvelteMemberExpressionName"]'].map((element) => ({
          selector: `${element} > SvelteStartTag > :matches(SvelteAttribute, SvelteShorthandAttribute)[key.name="title"]`,
          message: 'The toolkit’s tooltip: nobody at a keyboard sees it. Use {@attach tip(words, keys)}.',
        })),
      ],
      // Sets and maps here serve one calculation; what is state is said with $state.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  tier(['ui/src/lib/**'], ['**/kit/**', '**/features/**', '**/pages/**'], 'lib stands below kit, features and pages.'),
  tier(['ui/src/kit/**'], ['**/features/**', '**/pages/**'], 'kit stands below features and pages.'),
  tier(['ui/src/pages/**', 'ui/src/*.ts', 'ui/src/*.svelte'], [], ''),
  ...FEATURES.map((feature) =>
    tier(
      [`ui/src/features/${feature}/**`],
      [
        '**/pages/**',
        ...FEATURES.filter((other) => other !== feature).map((other) => `**/${other}/*.{svelte,ts}`),
        ...FEATURES.filter((other) => other !== feature).map((other) => `../${other}/*`),
      ],
      'A feature imports no page and no other feature; a page joins them.',
    ),
  ),
  {
    files: ['ui/src/host/**', 'ui/src/test/**', '**/*.test.ts', 'tests/e2e/**', 'ui/*.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
)
