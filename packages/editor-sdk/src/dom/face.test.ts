import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundle, launch, noChromium, openPage } from '../../test/browser.js';
import type {} from '../../test/face.page.js';

describe.skipIf(noChromium)(`the face (${noChromium ?? 'in Chromium'})`, () => {
  let browser: Browser;
  let script: string;
  let page: Page;
  const open = async (query = '?everything', size: Partial<Parameters<typeof openPage>[2]> = {}): Promise<void> => {
    page = await openPage(browser, script, { width: 1280, height: 800, query, ...size });
    await page.locator('.stage[data-current=true]').waitFor();
  };
  const state = <T>(read: (editor: Window['editor']) => T): Promise<T> =>
    page.evaluate((source) => new Function('editor', `return (${source})(editor)`)(window.editor) as T, read.toString());
  const settled = () => page.locator('.stage[data-current=true][data-final=true][data-status=idle]').waitFor();
  const region = (id: string) => page.locator(`[data-region=${id}]`);
  const middle = async (selector: string): Promise<readonly [number, number]> => {
    const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
    return [x + width / 2, y + height / 2];
  };
  const drag = async (selector: string, dx: number, dy: number): Promise<void> => {
    const [x, y] = await middle(selector);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + dx, y + dy, { steps: 4 });
    await page.mouse.up();
  };
  const labels = () => state((editor) => editor.history().past.map(({ label }) => label));

  beforeAll(async () => {
    script = await bundle('./face.page.ts');
    browser = await launch();
  }, 180_000);
  afterEach(() => page?.close());
  afterAll(() => browser?.close());

  it('turns and stretches a Gaussian by its grips', async () => {
    await open();
    await page.evaluate(() => window.editor.dispatch({ type: 'updateRegion', id: 'l1r0', patch: { covariance: [0.03, 0, 0.01] } as object }));
    await region('l1r0').focus();
    const covariance = () => state((editor) => (editor.getState().layout.levels[1]!.regions[0] as { covariance: readonly number[] }).covariance);
    await drag('.grip.is-rotate', 0, 80);
    const turned = await covariance();
    expect(Math.abs(turned[1]!)).toBeGreaterThan(0.002);
    expect(turned[0]! * turned[2]! - turned[1]! ** 2).toBeCloseTo(0.0003, 8);
    await drag('.grip.is-width', 60, 60);
    const stretched = await covariance();
    expect(stretched[0]! * stretched[2]! - stretched[1]! ** 2).toBeGreaterThan(0.0004);
    expect((await labels()).slice(1)).toEqual(['Rotate region', 'Resize region']);
    await page.getByRole('slider', { name: 'Angle' }).fill('0');
    expect(Math.abs((await covariance())[1]!)).toBeLessThan(1e-6);
    await page.getByRole('slider', { name: 'Stretch' }).fill('1');
    const round = await covariance();
    expect(round[0]! / round[2]!).toBeCloseTo(1, 2);
  });

  it('resizes, rotates, duplicates and locks with the tools of these names, by the pointer', async () => {
    await open();
    await page.evaluate(() => window.editor.dispatch({ type: 'updateRegion', id: 'l1r0', patch: { center: { x: 0.3, y: 0.3 }, covariance: [0.01, 0, 0.005] } as object }));
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const covariance = () => state((editor) => (editor.getState().layout.levels[1]!.regions[0] as { covariance: readonly number[] }).covariance);
    const determinant = async (): Promise<number> => covariance().then(([a, b, d]) => a! * d! - b! ** 2);
    await page.locator('[data-tool=resize]').click();
    await drag('[data-region=l1r0]', 60, 60);
    expect(await determinant()).toBeGreaterThan(0.00005 * 1.5);
    const size = await determinant();
    await page.locator('[data-tool=rotate]').click();
    await drag('[data-region=l1r0]', 50, -70);
    expect(Math.abs((await covariance())[1]!)).toBeGreaterThan(1e-4);
    expect(await determinant()).toBeCloseTo(size, 8);
    await page.evaluate(() => window.editor.dispatch({ type: 'removeRegion', id: 'l2r3' }));
    await page.locator('[data-tool=duplicate]').click();
    await page.mouse.click(...(await middle('[data-region=l2r0]')));
    expect(await state((editor) => editor.getState().layout.levels[2]!.regions.length)).toBe(4);
    await page.locator('[data-tool=lock]').click();
    await page.mouse.click(...(await middle('[data-region=l1r0]')));
    expect(await state((editor) => editor.getState().document.locked)).toEqual(['l1r0']);
    expect((await labels()).slice(1)).toEqual(['Resize region', 'Rotate region', 'Remove region', 'Duplicate region', 'Lock']);
  });

  it('selects several by Shift and by a rectangle, and moves, locks, copies and removes them together', async () => {
    await open();
    await page.mouse.click(...(await middle('[data-region=l2r0]')));
    await page.keyboard.down('Shift');
    await page.mouse.click(...(await middle('[data-region=l2r1]')));
    await page.keyboard.up('Shift');
    expect(await state((editor) => editor.getState().selection)).toEqual(['l2r0', 'l2r1']);
    await drag('[data-region=l2r1]', 30, 10);
    expect(await labels()).toEqual(['Move regions']);
    await page.locator('[data-region-action=lock]').click();
    await drag('[data-region=l2r1]', 30, 10);
    expect(await labels()).toEqual(['Move regions', 'Lock']);
    await expect.poll(() => page.locator('[aria-live]').textContent()).toBe('This region is locked');
    await page.locator('[data-region-action=lock]').click();
    await page.locator('[data-region-action=remove]').click();
    await region('l2r2').focus();
    await page.locator('[data-region-action=duplicate]').click();
    expect(await labels()).toEqual(['Move regions', 'Lock', 'Unlock', 'Remove regions', 'Duplicate region']);
    await page.locator('[data-tool=select]').click();
    const { x, y, width, height } = (await page.locator('.stage').boundingBox())!;
    await page.mouse.move(x + 14, y + 14);
    await page.mouse.down();
    await page.mouse.move(x + width - 4, y + height - 14, { steps: 5 });
    await page.mouse.up();
    expect(await state((editor) => editor.getState().selection.length)).toBe(6);
  });

  it('snaps a dragged region, and shows the lines', async () => {
    await open();
    await page.locator('[data-button=snap]').click();
    const { x, y, width, height } = (await page.locator('.stage').boundingBox())!;
    await page.mouse.move(...(await middle('[data-region=l2r3]')));
    await page.mouse.down();
    await page.mouse.move(x + width * 0.757, y + height * 0.245, { steps: 3 });
    const pink = () => page.locator('.tool-layer').evaluate((layer: HTMLCanvasElement) => {
      const { data } = layer.getContext('2d')!.getImageData(0, 0, layer.width, layer.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i + 3]! > 0) count += 1;
      return count;
    });
    await expect.poll(pink).toBeGreaterThan(500);
    await page.mouse.up();
    expect(await state((editor) => editor.getState().layout.levels[2]!.regions[3]!.center)).toEqual({ x: 0.75, y: 0.25 });
  });

  it('restyles a region, blends it and takes the style back', async () => {
    await open();
    await page.locator('[data-tool=restyle]').click();
    await page.mouse.click(...(await middle('[data-region=l1r1]')));
    const style = () => state((editor) => editor.getState().layout.levels[1]!.regions[1]!.style);
    expect(await style()).toMatchObject({ kind: 'seed' });
    await page.getByRole('slider', { name: 'Blend with the whole' }).fill('0.4');
    expect(await style()).toMatchObject({ kind: 'mix', from: { kind: 'seed', seed: 0 }, amount: 0.4 });
    await settled();
    await page.locator('[data-region-action=clearStyle]').click();
    expect(await style()).toBeUndefined();
    await open('');
    expect(await page.locator('[data-tool=restyle], [data-button=attention]').count()).toBe(0);
  });

  it('shows both galleries and takes a variation', async () => {
    await open();
    for (const kind of ['latents', 'layouts']) {
      await page.locator(`[data-section=gallery-${kind}] summary`).click();
      const item = page.locator(`[data-section=gallery-${kind}] .gallery-item[data-ready]`).nth(2);
      await item.click();
      await expect.poll(() => item.getAttribute('aria-pressed')).toBe('true');
    }
    expect(await labels()).toEqual(['Change appearance', 'Change layout']);
    await settled();
    const shown = await page.evaluate(() => window.runtime.requests.at(-1)!.latent);
    expect(shown).toEqual(await state((editor) => editor.getState().latent));
  });

  it('wipes between original and edited, and lays heatmap and attention over the image', async () => {
    await open('?everything&compare=wipe');
    await region('l0r0').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await settled();
    await page.locator('[data-image=wiped]').waitFor();
    await page.getByRole('slider', { name: 'Wipe' }).fill('0.25');
    await expect.poll(() => page.locator('[data-image=wiped]').evaluate((canvas) => canvas.style.clipPath)).toBe('inset(0px 75% 0px 0px)');
    await page.locator('[data-button=heat]').click();
    await page.locator('canvas.overlay').waitFor();
    await page.locator('[data-button=attention]').click();
    await page.locator('canvas.attention[data-target=b8]').waitFor();
    await page.getByRole('button', { name: 'Work on level 2' }).click();
    await page.locator('canvas.attention[data-target=b16]').waitFor();
    await page.locator('[data-button=compare]').click();
    await page.locator('[data-image=original]').waitFor();
    expect(await page.locator('[data-image=wiped]').isVisible()).toBe(false);
  });

  it('goes anywhere in the history, and sets seed, truncation and noise', async () => {
    await open();
    await page.getByRole('spinbutton', { name: 'Seed' }).first().fill('42');
    await page.keyboard.press('Enter');
    await page.getByRole('slider', { name: 'Truncation' }).fill('0.5');
    await page.locator('[data-field=noise]').selectOption('none');
    expect(await state((editor) => editor.getState().document)).toMatchObject({ latent: { kind: 'seed', seed: 42 }, truncationPsi: 0.5, noise: 'none' });
    await page.locator('[data-section=history] summary').click();
    expect(await page.locator('.history-step').allTextContents()).toEqual(['Start', 'Change appearance', 'Change truncation', 'Change noise']);
    await page.locator('.history-step').first().click();
    expect(await state((editor) => [editor.getState().truncationPsi, editor.getState().noise])).toEqual([1, 'const']);
    await expect.poll(() => page.locator('.history-step[aria-current]').textContent()).toBe('Start');
    await page.locator('.history-step').nth(2).click();
    expect(await state((editor) => [editor.getState().truncationPsi, editor.getState().noise])).toEqual([0.5, 'const']);
    expect(await page.evaluate(() => window.runtime.requests.length)).toBeGreaterThan(3);
  });

  it('offers the classes of a conditional model, and none of others', async () => {
    await open('?labels=3');
    const classes = page.getByRole('combobox', { name: 'Class' });
    expect(await classes.locator('option:not([hidden])').allTextContents()).toEqual(['Class 1', 'Class 2', 'Class 3']);
    await classes.selectOption('Class 3');
    await settled();
    expect(await page.evaluate(() => window.runtime.requests.at(-1)!.label)).toEqual([0, 0, 1]);
    expect(await labels()).toEqual(['Change class']);
    await page.evaluate(() => window.editor.dispatch({ type: 'setLabel', label: [0.5, 0.5, 0] }));
    await expect.poll(() => classes.inputValue()).toBe('mixed');
    await page.evaluate(() => window.editor.undo());
    await expect.poll(() => classes.inputValue()).toBe('2');
    await open();
    expect(await page.getByRole('combobox', { name: 'Class' }).count()).toBe(0);
  });

  it('works the paper\'s buttons: Reset, Auto, Generate', async () => {
    await open();
    await page.locator('[data-action=auto]').click();
    const made = await page.evaluate(() => window.runtime.requests.length);
    await region('l0r0').focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.locator('.badge').waitFor();
    expect(await page.evaluate(() => window.runtime.requests.length)).toBe(made);
    await page.locator('[data-action=generate]').click();
    await settled();
    await page.locator('[data-action=reset]').click();
    await expect.poll(labels).toEqual(['Move region', 'Reset']);
  });

  it('is worked by keyboard alone: several regions, every tool', async () => {
    await open();
    await region('l1r0').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await state((editor) => editor.getState().selection)).toEqual(['l1r0', 'l1r1']);
    await expect.poll(() => page.locator('[aria-live]').textContent()).toBe('Level 1, region 1; Level 1, region 2 selected');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('+');
    await page.keyboard.press('}');
    await page.keyboard.press(']');
    await page.keyboard.press(',');
    expect(await labels()).toEqual(['Move regions', 'Resize region', 'Resize region', 'Rotate region', 'Fade region']);
    await page.keyboard.press('l');
    await page.keyboard.press('Enter');
    expect(await state((editor) => editor.getState().document.locked)).toEqual(['l1r0', 'l1r1']);
    await page.keyboard.press('Control+Shift+L');
    await page.keyboard.press('r');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Delete');
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    expect((await labels()).slice(5)).toEqual(['Lock', 'Unlock', 'Restyle region', 'Remove regions', 'Add region']);
    await page.keyboard.press('Control+a');
    expect(await state((editor) => editor.getState().selection.length)).toBe(6);
    await page.keyboard.press('Escape');
    expect(await state((editor) => editor.getState().selection)).toEqual([]);
  });

  it('pinches the size and twists the angle with two fingers, as one step', async () => {
    await open('?everything', { width: 390, height: 844, touch: true });
    await page.evaluate(() => window.editor.dispatch({ type: 'updateRegion', id: 'l0r0', patch: { covariance: [0.04, 0, 0.02] } as object }));
    await page.waitForTimeout(0);
    const client = await page.context().newCDPSession(page);
    const [x, y] = await middle('[data-region=l0r0]');
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: (readonly [number, number])[]) =>
      client.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([px, py], id) => ({ x: px, y: py, id })) });
    await touch('touchStart', [x, y]);
    await touch('touchStart', [x, y], [x + 60, y]);
    for (let i = 1; i <= 4; i += 1) await touch('touchMove', [x, y], [x + 60, y + 15 * i]);
    await touch('touchEnd');
    const after = await state((editor) => (editor.getState().layout.levels[0]!.regions[0] as { covariance: readonly number[] }).covariance);
    // √2 as far apart and turned by 45°.
    expect(after[0]! * after[2]! - after[1]! ** 2).toBeCloseTo(0.0008 * 4, 4);
    expect(after[1]!).toBeCloseTo(0.02, 3);
    expect((await labels()).length).toBe(2);
    const small = await page.locator('button, summary, select, .number').evaluateAll((all) => all.filter((one) => {
      const { width, height } = one.getBoundingClientRect();
      return width > 0 && !one.matches('.card-eye') && Math.min(width, height) < 43.9;
    }).map((one) => one.className));
    expect(small).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  it.each([
    ['light', '?everything&theme=light', {}],
    ['dark, Chinese, wipe', '?everything&theme=dark&lang=zh&compare=wipe', { dark: true }],
    ['high contrast, right to left', '?everything&theme=contrast&dir=rtl', {}],
    ['on a phone', '?everything', { width: 390, height: 844, touch: true }],
  ] as const)('has nothing that axe finds: %s', async (_name, query, size) => {
    await open(query, size);
    await region('l1r0').focus();
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.locator('.gallery-item[data-ready]').nth(11).waitFor();
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document));
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });

  it('speaks Chinese from data, in full', async () => {
    await open('?everything&lang=zh');
    expect(await page.locator('[data-action=reset]').textContent()).toBe('重置');
    expect(await page.locator('.editor').getAttribute('lang')).toBe('zh');
    const { chineseMessages, englishMessages } = await import('../dom.js');
    for (const part of ['tools', 'toolHints', 'refusals', 'text'] as const) expect(Object.keys(chineseMessages[part])).toEqual(Object.keys(englishMessages[part]));
    const holes = (template: string) => [...template.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [key, template] of Object.entries(englishMessages.text)) {
      expect(holes(chineseMessages.text[key as keyof typeof englishMessages.text]), key).toEqual(holes(template));
    }
    expect(JSON.parse(JSON.stringify(chineseMessages))).toEqual(chineseMessages);
  });
});
