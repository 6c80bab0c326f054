import tseslint from 'typescript-eslint';
import { layersRule } from './layersRule.js';

const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'Export by name; only tool configs have a default export.' };
const noEnum = { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' };
const noNamespace = {
  selector: 'TSModuleDeclaration[declare!=true]',
  message: 'Use modules; only `declare module` for open sets is allowed.',
};
const noAny = {
  selector: ':not(TSTypeParameterInstantiation, TSTypeParameter) > TSAnyKeyword',
  message: 'Say what it is, or `unknown`; `any` is for the open parameter of a list of plugins: `Plugin<any>[]`.',
};
const noDecorator = { selector: 'Decorator', message: 'Use a function.' };

/** The whole lint recipe: syntax only, so that it takes seconds. */
export const house = tseslint.config(
  { ignores: ['packages/backends/assembly/*.ts', '**/dist/**', '**/node_modules/**', '.nx/**', 'docs-site/**', 'runs/**', '**/coverage/**', '**/.cache/**'] },
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    extends: [tseslint.configs.recommended],
    plugins: { house: { rules: { layers: layersRule } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'house/layers': 'error',
      'no-restricted-syntax': ['error', noEnum, noNamespace, noDecorator],
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false, fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      'no-var': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.{ts,tsx}'],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport, noEnum, noNamespace, noDecorator] },
  },
  {
    files: ['packages/*/src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.ts'],
    rules: {
      'max-lines': ['warn', 200],
      'no-restricted-syntax': ['error', noDefaultExport, noEnum, noNamespace, noDecorator, noAny],
    },
  },
  {
    files: ['packages/*/src/**/*.{ts,tsx}'],
    ignores: ['**/*.test.ts', 'packages/cli/**'],
    rules: { 'no-console': 'error' },
  },
);
