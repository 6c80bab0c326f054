import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import webpack from 'webpack';
import { launchOptions, noChromium, openPage } from './pages.js';
import { publicPackages, root } from './publicPackages.js';
import { readmeExamples } from './readmeExamples.js';

const scratch = inject('scratch');
const app = join(scratch, 'apps/everything');
const packages = publicPackages();

/** The README examples that need no Node, one module each. */
const needsNode = /'node:|\/node'|\/avatars'|'@spatialgan\/studio'|'spatialgan'/;
const examples = packages.flatMap(({ name, folder }) =>
  readmeExamples(folder).filter(({ browser, code }) => !browser && !needsNode.test(code)).map(({ code }, i) => ({ name, title: `${name} ${i}`, file: `${basename(folder)}${i}.js`, code })));

/** What a page without a bundler must be told: ours from their manifests, the rest by hand. */
function importMap(): Readonly<Record<string, string>> {
  const ours = packages.flatMap(({ name, folder }) =>
    Object.entries((JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { exports: Record<string, { default?: string }> }).exports)
      .flatMap(([key, { default: file }]) => (file ? [[name + key.slice(1), `/node_modules/${name}/${file}`]] : [])));
  const tfjs = (name: string, file: string): [string, string] => [`@tensorflow/${name}`, `/node_modules/@tensorflow/${name}/dist/${file}`];
  const nothing = 'data:text/javascript,export default {}';
  return Object.fromEntries([
    ...ours,
    tfjs('tfjs-core', 'tf-core.fesm.js'), tfjs('tfjs-backend-cpu', 'tf-backend-cpu.fesm.js'), tfjs('tfjs-backend-wasm', 'tf-backend-wasm.fesm.js'),
    ['seedrandom', 'data:text/javascript,export const alea = () => Math.random'],
    ...['fs', 'path', 'perf_hooks', 'os'].map((name) => [name, nothing]),
    ['fflate', '/node_modules/fflate/esm/browser.js'], ['pbf', '/node_modules/pbf/index.js'], ['gifenc', '/node_modules/gifenc/dist/gifenc.esm.js'],
    ['fast-png', '/node_modules/fast-png/lib/index.js'], ['iobuffer', '/node_modules/iobuffer/lib/iobuffer.js'],
  ]);
}

/** An application that runs them all, each loaded when its turn comes. */
function writeApp(): void {
  mkdirSync(app, { recursive: true });
  for (const { file, code } of examples) {
    writeFileSync(join(app, file), ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText);
  }
  const turns = examples.map(({ title, file }) => `console.log('── ${title}'); await import('./${file}');`);
  writeFileSync(join(app, 'main.js'), `${turns.join('\n')}\ndocument.title = 'done';\n`);
  const page = (head: string) => `<!doctype html><meta charset="utf-8"><title>running</title>${head}<script type="module" src="/main.js"></script>`;
  writeFileSync(join(app, 'index.html'), page(''));
  writeFileSync(join(app, 'plain.html'), page(`<script type="importmap">${JSON.stringify({ imports: importMap() })}</script>`));
}

function byVite(): string {
  const { status, stderr } = spawnSync(process.execPath, [join(scratch, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel=warn', '--minify=false'], { cwd: app, encoding: 'utf8', timeout: 240_000 });
  expect([status, stderr]).toEqual([0, expect.not.stringMatching(/error/i)]);
  return join(app, 'dist');
}

async function byWebpack(): Promise<string> {
  const path = join(app, 'dist-webpack');
  const compiler = webpack({
    mode: 'production', context: app, entry: './main.js', target: 'web', output: { path, filename: 'main.js', clean: true }, optimization: { minimize: false }, performance: false,
  });
  const stats = await new Promise<webpack.Stats>((done, fail) => compiler.run((error, result) => (error ? fail(error) : done(result!))));
  expect(stats.toJson({ all: false, errors: true, warnings: true })).toMatchObject({ errors: [], warnings: [] });
  writeFileSync(join(path, 'index.html'), readFileSync(join(app, 'index.html')));
  return path;
}

describe.skipIf(noChromium)(`README examples in a page (${noChromium ?? 'Chromium'})`, () => {
  let browser: Browser;
  beforeAll(async () => {
    writeApp();
    browser = await chromium.launch(launchOptions);
  });
  afterAll(() => browser?.close());

  const wasm = (pathname: string) => (pathname.endsWith('.wasm') ? { file: join(scratch, 'node_modules/@tensorflow/tfjs-backend-wasm/dist', basename(pathname)) } : undefined);
  const installed = (pathname: string) => (pathname.startsWith('/node_modules/') ? { file: join(scratch, pathname) } : undefined);

  it.each([
    ['bundled by Vite', byVite, wasm],
    ['bundled by webpack', byWebpack, wasm],
    ['as they are, by an import map', () => app, (pathname: string) => (pathname === '/' ? { file: join(app, 'plain.html') } : (wasm(pathname) ?? installed(pathname)))],
  ])('%s: every package runs', async (_how, build, served) => {
    const { page, failures, logged } = await openPage(browser, await build(), served);
    await page.waitForFunction(() => document.title === 'done', undefined, { timeout: 120_000 }).catch(() => undefined);
    expect(failures).toEqual([]);
    expect(await page.title(), logged.join('\n')).toBe('done');
    const said = logged.join('\n').split('── ').slice(1).map((text) => text.trim().split('\n'));
    expect(said.map(([title]) => title)).toEqual(examples.map(({ title }) => title));
    expect(Object.fromEntries(said.map(([title, ...lines]) => [title, lines.at(-1)]))).toMatchObject({
      '@spatialgan/gradcam 0': '[2, 8, 8, 1]', '@spatialgan/ops 0': '[3, 3, 3, 8]', '@spatialgan/editor-sdk 0': 'Move region', '@spatialgan/sel 0': '[4, 8, 8, 64]',
    });
    await page.close();
  }, 300_000);

  it('the page of the guide runs', async () => {
    const guide = readFileSync(join(root, 'docs/guides/bundlers-and-ssr.md'), 'utf8');
    const html = /^```html\n([\s\S]*?)^```/m.exec(guide)![1]!;
    const { page, failures } = await openPage(browser, app, (pathname) => (pathname === '/' ? { text: html } : installed(pathname)));
    await expect.poll(() => page.locator('body').textContent()).toMatch(/\[2,8,8,1\]/);
    expect(failures).toEqual([]);
    await page.close();
  });
});

it('every package that runs in a page is among the examples', () => {
  const told = new Set(examples.map(({ name }) => name));
  // data's README reads avatars, which are drawn in Node.
  expect(packages.map(({ name }) => name).filter((name) => !told.has(name))).toEqual(['spatialgan', '@spatialgan/data', '@spatialgan/studio']);
});
