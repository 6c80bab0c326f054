import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { createEditor, chineseMessages as editorChinese } from '@spatialgan/editor-sdk';
import { documentFromText } from '@spatialgan/share';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageFolder } from '../../test/buildPage.js';
import { chromiumPath, launch, openStudio, type PageOptions } from '../../test/servePage.js';
import { chineseMessages } from './chineseMessages.js';
import { englishMessages } from './messages.js';

const model = readFileSync(fileURLToPath(new URL('../../../../models/avatars/model.safetensors', import.meta.url)));
const DESKTOP = { width: 1280, height: 800, model } as const;
const others = [chineseMessages];

describe('the words of the page', () => {
  it.each(others)('are complete in $name, with the same holes, and as plain data', (messages) => {
    expect(Object.keys(messages.text)).toEqual(Object.keys(englishMessages.text));
    expect(Object.keys(messages.pageKeys)).toEqual(Object.keys(englishMessages.pageKeys));
    expect(Object.keys(messages.imageKeys)).toHaveLength(Object.keys(englishMessages.imageKeys).length);
    const holes = (template: string) => [...template.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [key, template] of Object.entries(englishMessages.text)) expect(holes(messages.text[key as keyof typeof messages.text]), key).toEqual(holes(template));
    expect(JSON.parse(JSON.stringify(messages))).toEqual(messages);
  });

  it('are all that the HTML file asks for', () => {
    const html = readFileSync(fileURLToPath(new URL('../../index.html', import.meta.url)), 'utf8');
    const asked = [...html.matchAll(/data-(?:text|hint|name)="(\w+)"/g)].map(([, key]) => key!);
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter((key) => !(key in englishMessages.text))).toEqual([]);
  });
});

it('gives no key of the page a second meaning in the editor', () => {
  const info = { name: 'x', imgResolution: 4, heatmapResolutions: [4], maxRegions: 1, regionStyles: true };
  const runtime = { info, sampleLayout: () => new Promise<never>(() => {}), synthesize: () => new Promise<never>(() => {}), dispose: async () => {} };
  const editor = createEditor({ runtime });
  const page = Object.keys(englishMessages.pageKeys).filter((keys) => keys.length === 1).map((key) => key.toLowerCase());
  expect(page).toEqual(['k', 'e', 'p', '?']);
  expect(page.filter((key) => editor.tools().some(({ hotkey }) => hotkey === key))).toEqual([]);
  editor.dispose();
});

describe.skipIf(!existsSync(chromiumPath))(`languages and keys in the studio (skipped without a Chromium at ${chromiumPath})`, { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launch()));
  afterAll(() => browser?.close());
  const settled = (page: Page): Promise<void> => page.locator('.stage[data-current=true][data-status=idle]').waitFor();
  async function open(options: Partial<PageOptions> = {}): Promise<{ page: Page; troubles: string[] }> {
    const opened = await openStudio(browser, pageFolder, { ...DESKTOP, ...options });
    await settled(opened.page);
    return opened;
  }
  const undoTitle = (page: Page): Promise<string | null> => page.locator('[data-button=undo]').getAttribute('title');
  const exportedLayout = async (page: Page): Promise<unknown> => {
    await page.locator('#export').click();
    await page.locator('[data-format=json]').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-action=save]').click()]);
    await page.keyboard.press('Escape');
    return documentFromText(readFileSync(await download.path(), 'utf8')).request.layout;
  };

  it('switch in the help, keep the edit and the choice, and reach the editor', async () => {
    const { page, troubles } = await open();
    await page.locator('.handle[data-level="0"]').first().focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await settled(page);
    const before = await exportedLayout(page);
    await page.locator('#help').click();
    await page.locator('[name=language]').selectOption('zh');
    expect(await page.locator('[data-dialog=help] h2').textContent()).toBe(chineseMessages.text.help);
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual(['zh', 'ltr']);
    await page.keyboard.press('Escape');
    expect(await page.locator('[data-action=reset]').textContent()).toBe(editorChinese.text.reset);
    expect(await page.locator('#export').textContent()).toContain(chineseMessages.text.export);
    expect(await undoTitle(page)).toContain(editorChinese.steps['Move region']);
    expect(await exportedLayout(page)).toEqual(before);
    await page.reload();
    await settled(page);
    expect(await page.locator('#export').textContent()).toContain(chineseMessages.text.export);
    // What the page says later, too: nothing of the English is left.
    await page.locator('#pin').click();
    await page.getByText('已标记第 1 个时刻').waitFor();
    for (const opener of ['#models', '#export', '#photo', '#help']) {
      await page.locator(opener).click();
      const text = await page.locator('dialog[open]').innerText();
      expect(text.replace(/https?:\S*|spatialgan \w+|“Spatial Steerability[^”]*”|\.?safetensors|Wang|SpatialGAN|English|paper32|model|PNG|GIF|WebM|JSON|JPEG|WebP|zip|Ctrl|Shift|Alt|Tab|Delete|Esc|MB|dB|\b[A-Z]\b/g, '')).not.toMatch(/[a-z]{3,}/i);
      await page.keyboard.press('Escape');
    }
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('take the colours from the help, high contrast included', async () => {
    const { page } = await open();
    await page.locator('#help').click();
    await page.locator('[name=theme]').selectOption('contrast');
    await page.keyboard.press('Escape');
    expect(await page.locator('.spatialgan-editor').getAttribute('data-theme')).toBe('contrast');
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    await page.reload();
    await settled(page);
    expect(await page.locator('.spatialgan-editor').getAttribute('data-theme')).toBe('contrast');
    await page.context().close();
  });

  it('hands the editor its keys when nothing has the focus, and takes its own on the image', async () => {
    const { page } = await open();
    await page.keyboard.press('t');
    await expect.poll(() => page.locator('.stage').getAttribute('data-tool')).toBe('rotate');
    await page.keyboard.press('v');
    await page.locator('.handle[data-level="0"]').first().focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('k');
    await page.locator('#pins:text("1")').waitFor();
    await page.keyboard.press('e');
    await page.locator('[data-dialog=export][open]').waitFor();
    await page.keyboard.press('v');
    await page.keyboard.press('Control+z');
    expect(await page.locator('[data-button=undo]').isDisabled()).toBe(false);
    await page.keyboard.press('Escape');
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('Control+z');
    await expect.poll(() => page.locator('[data-button=undo]').isDisabled()).toBe(true);
    await page.context().close();
  });

  it.each([
    ['on a desktop', { dark: true }], ['on a phone, in Chinese', { width: 390, height: 844, touch: true, before: () => localStorage.setItem('spatialgan-language', 'zh') }],
    ['in high contrast', { before: () => localStorage.setItem('spatialgan-theme', 'contrast') }], ['right to left', { before: () => addEventListener('DOMContentLoaded', () => (document.documentElement.dir = 'rtl')) }],
  ] as const)('have nothing that axe finds, dialogs included: %s', async (_name, options) => {
    // Else axe may meet the welcome while it fades, too faint to read.
    const { page } = await open({ ...options, still: true });
    await page.evaluate(axe.source);
    const check = async (): Promise<unknown> => {
      const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document));
      return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    };
    expect(await check()).toEqual([]);
    for (const opener of ['#models', '#export', '#photo', '#help']) {
      await page.locator(opener).click();
      expect(await check(), opener).toEqual([]);
      await page.keyboard.press('Escape');
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.context().close();
  });
});
