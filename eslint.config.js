import { readdirSync } from 'node:fs'
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

const READ = new Set([
  'title',
  'aria-label',
  'aria-description',
  'placeholder',
  'alt',
  'label',
  'hint',
  'body',
  'action',
  'line',
  'caption',
])
const WORD = /\p{L}{2}/u
/** A sentence, or a word that stands for itself: `Save`, `The file was not saved`. Names of keys and types are none. */
const SAID = /^\p{Lu}\p{Ll}*(?: \p{L}|\p{Ll}$)/u
const NOT_SAID = /^(?:Escape|Tab|Backspace|Control|Arrow\p{L}+|(?:Ctrl|Alt|Shift|Del|Esc|Meta)(?: \S+)*)$/u

/** What a person reads stands in `crates/words/en` and is said by its name. */
const noLiterals = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { said: 'Say it by its name: this stands in code and not in crates/words/en.' },
  },
  create(context) {
    const report = (node) => context.report({ node, messageId: 'said' })
    const inError = (node) => node.parent?.type === 'NewExpression' && /Error$/.test(node.parent.callee.name ?? '')
    const compared = ({ parent }) =>
      ['BinaryExpression', 'SwitchCase'].includes(parent?.type) ||
      (parent?.type === 'CallExpression' && ['includes', 'replace'].includes(parent.callee.property?.name)) ||
      (parent?.type === 'Property' && parent.key.name === 'keys')
    return {
      SvelteText(node) {
        if (!['SvelteStyleElement', 'SvelteScriptElement'].includes(node.parent?.type) && WORD.test(node.value)) report(node)
      },
      SvelteAttribute(node) {
        if (READ.has(node.key.name))
          node.value.filter((part) => part.type === 'SvelteLiteral' && WORD.test(part.value)).forEach(report)
      },
      Literal(node) {
        if (typeof node.value !== 'string' || inError(node) || compared(node) || node.parent?.type === 'ImportDeclaration') return
        if (node.parent?.type === 'TSLiteralType' || (node.parent?.type === 'Property' && node.parent.key === node)) return
        if (SAID.test(node.value) && !NOT_SAID.test(node.value)) report(node)
      },
      TemplateElement(node) {
        if (!inError(node.parent) && /\p{L}{2,} \p{L}{2,}|^\p{Lu}\p{Ll}+ /u.test(node.value.raw)) report(node)
      },
    }
  },
}

const FEATURES = readdirSync(new URL('ui/src/features', import.meta.url))

export default ts.config(
  { ignores: ['ui/dist/**', 'ui/src/*.gen.ts', 'tests/e2e/results/**', 'node_modules/**', 'target/**'] },
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
  {
    files: ['ui/src/**/*.ts', 'ui/src/**/*.svelte'],
    ignores: ['**/*.test.ts', 'ui/src/test/**', 'ui/src/*.gen.ts'],
    plugins: { words: { rules: { 'no-literals': noLiterals } } },
    rules: { 'words/no-literals': 'error' },
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
