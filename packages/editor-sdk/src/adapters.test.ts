import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type {} from '../test/adapters.page.js';
import { bundle, launch, noChromium, openPage } from '../test/browser.js';
import { fakeLayout, fakeRuntime } from '../test/fakeRuntime.js';
import { bindDocument } from './boundDocument.js';
import { createEditor, type EditorDocument } from './index.js';

describe('where there is no DOM', () => {
  it('every entry can be imported, and does nothing', () => {
    const entries = ['index', 'dom', 'element', 'react', 'vue'].map((entry) => new URL(`./${entry}.ts`, import.meta.url).href);
    const program = `for (const entry of ${JSON.stringify(entries)}) await import(entry); if (typeof document !== 'undefined') throw new Error('a DOM');`;
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--conditions=spatialgan-source', '--import', 'tsx', '--input-type=module', '-e', program], {
      encoding: 'utf8', cwd: fileURLToPath(new URL('..', import.meta.url)),
    });
    expect([status, stderr, stdout]).toEqual([0, '', '']);
  });

  it('React and Vue render an empty element', async () => {
    const [{ createElement }, { renderToString }, { SpatialganEditor }] = await Promise.all([import('react'), import('react-dom/server'), import('./react.js')]);
    expect(renderToString(createElement(SpatialganEditor, { runtime: fakeRuntime(), className: 'mine' }))).toBe('<div class="mine"></div>');
    const { defineEditorElement } = await import('./element.js');
    expect(defineEditorElement()).toBeUndefined();
  });
});

describe('bindDocument', () => {
  it('accepts, changes and refuses what the editor proposes, and makes a step of what comes unasked', () => {
    const editor = createEditor({ runtime: fakeRuntime(), layout: fakeLayout(1), synthesis: 'manual' });
    const proposed = vi.fn<(document: EditorDocument) => void>();
    const { give, stop } = bindDocument(editor, proposed);
    const before = editor.getState().document;
    editor.dispatch({ type: 'setTruncation', psi: 0.5 });
    give(proposed.mock.lastCall![0]);
    expect(editor.getState().truncationPsi).toBe(0.5);
    editor.dispatch({ type: 'setTruncation', psi: 0.77 });
    give({ ...proposed.mock.lastCall![0], truncationPsi: 0.8 });
    expect(editor.history().past.map(({ after }) => after.truncationPsi)).toEqual([0.5, 0.8]);
    const kept = editor.getState().document;
    editor.dispatch({ type: 'removeRegion', id: 'l0r0' });
    give(kept);
    expect(editor.getState().document).toBe(kept);
    give({ ...kept, truncationPsi: 0 });
    expect(editor.history().past.map(({ label }) => label)).toEqual(['Change truncation', 'Change truncation', 'Open document']);
    expect(proposed).toHaveBeenCalledTimes(3);
    editor.jumpTo(0);
    expect(proposed).toHaveBeenLastCalledWith(before);
    stop();
  });
});

describe.skipIf(noChromium)(`adapters (${noChromium ?? 'in Chromium'})`, () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launch();
    page = await openPage(browser, await bundle('./adapters.page.ts'), { width: 1000, height: 900 });
    await page.locator('#react .stage[data-current=true]').waitFor();
    await page.locator('#vue .stage[data-current=true]').waitFor();
    await page.locator('spatialgan-editor .stage[data-current=true]').waitFor();
  }, 180_000);
  afterAll(() => browser?.close());

  it.each(['react', 'vue'] as const)('%s: the application owns the document', async (which) => {
    const value = () => page.evaluate((w) => window.adapters[w].value().truncationPsi, which);
    const psi = () => page.evaluate((w) => (w === 'react' ? window.adapters.react.editor! : window.adapters.vue.editor()).getState().truncationPsi, which);
    const slider = page.locator(`#${which}`).getByRole('slider', { name: 'Truncation' });
    await slider.fill('0.5');
    await expect.poll(value).toBe(0.5);
    await page.evaluate(() => void (window.adapters.refuses = true));
    await slider.fill('0.9');
    await expect.poll(psi).toBe(0.5);
    await page.evaluate(() => void (window.adapters.refuses = false));
    await page.locator(`#${which} [data-region=l0r0]`).focus();
    await page.keyboard.press('Control+z');
    await expect.poll(value).toBe(1);
    expect(await psi()).toBe(1);
  });

  it('the element is themed from outside by parts and variables, tells of changes, and fills a form', async () => {
    await page.addStyleTag({ content: 'spatialgan-editor { --sge-radius: 3px; } spatialgan-editor::part(stage) { outline: 5px solid rgb(1, 2, 3); }' });
    const element = page.locator('spatialgan-editor');
    expect(await element.locator('.stage').evaluate((stage) => [getComputedStyle(stage).outlineColor, getComputedStyle(stage).borderRadius])).toEqual(['rgb(1, 2, 3)', '3px']);
    await element.evaluate((node) => node.addEventListener('change', ({ target }) => void ((target as HTMLElement).dataset['changes'] = String(Number((target as HTMLElement).dataset['changes'] ?? 0) + 1))));
    await element.locator('[data-region=l0r0]').focus();
    await page.keyboard.press('Shift+ArrowRight');
    expect(await element.getAttribute('data-changes')).toBe('1');
    const sent = await page.evaluate(() => String(new FormData(document.querySelector('form')!).get('drawing')));
    const value = await element.evaluate((node: HTMLElementTagNameMap['spatialgan-editor']) => JSON.stringify(node.value!.document));
    expect(JSON.stringify((JSON.parse(sent) as { document: unknown }).document)).toBe(value);
    await element.evaluate((node) => node.setAttribute('readonly', ''));
    await expect.poll(() => element.locator('[data-action=reset]').isDisabled()).toBe(true);
    await element.evaluate((node) => node.setAttribute('lang', 'zh'));
    await expect.poll(() => element.locator('[data-action=reset]').textContent()).toBe('重置');
  });

  it('several stand on a page and know nothing of each other; a moved element keeps its editor; what is taken away is disposed', async () => {
    const changed = await page.evaluate(() => {
      const node = document.querySelector('spatialgan-editor')!;
      const { editor } = node;
      const others = [window.adapters.react.editor!, window.adapters.vue.editor()].map((each) => each.getState().document);
      editor!.setReadOnly(false);
      editor!.dispatch({ type: 'setTruncation', psi: 0.25 });
      document.querySelector('#editor')!.prepend(node);
      return [node.editor === editor, window.adapters.react.editor!.getState().document === others[0], window.adapters.vue.editor().getState().document === others[1]];
    });
    expect(changed).toEqual([true, true, true]);
    await page.locator('spatialgan-editor .stage').waitFor();
    const thrown = await page.evaluate(async () => {
      const { react, vue } = window.adapters;
      const node = document.querySelector('spatialgan-editor')!;
      const editors = [react.editor!, vue.editor(), node.editor!];
      react.root.unmount();
      vue.app.unmount();
      node.remove();
      await new Promise((resolve) => setTimeout(resolve, 20));
      const codes = editors.map((editor) => {
        try {
          editor.undo();
          return 'alive';
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
      return [...codes, JSON.stringify(node.value!.document).includes('"truncationPsi":0.25')];
    });
    expect(thrown).toEqual(['DISPOSED', 'DISPOSED', 'DISPOSED', true]);
  });
});
