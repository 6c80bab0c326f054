import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, launch, noChromium, openPage } from '../../test/browser.js';
import type {} from '../../test/face.page.js';

it('can be imported where there is no DOM', async () => {
  expect(typeof document).toBe('undefined');
  expect((await import('../dom.js')).mountEditor).toBeTypeOf('function');
});

describe.skipIf(noChromium)(`mountEditor (${noChromium ?? 'in Chromium'})`, () => {
  let browser: Browser;
  let script: string;
  let page: Page;
  const open = async (size = { width: 1280, height: 800 }): Promise<Page> => {
    page = await openPage(browser, script, size);
    await page.locator('.stage[data-current=true]').waitFor();
    return page;
  };
  const state = <T>(read: (editor: Window['editor']) => T): Promise<T> =>
    page.evaluate((source) => new Function('editor', `return (${source})(editor)`)(window.editor) as T, read.toString());
  const centerOf = (id: string) => page.evaluate((wanted) => window.editor.getState().layout.levels.flatMap((l) => l.regions).find((r) => r.id === wanted)?.center, id);
  const press = (name: string) => page.locator(name).click();

  beforeAll(async () => {
    script = await bundle('./face.page.ts');
    browser = await launch();
  }, 120_000);
  afterAll(() => browser?.close());

  it('works each tool with the pointer', async () => {
    await open();
    const box = (await page.locator('.stage').boundingBox())!;
    const at = async (id: string) => {
      const { x, y } = (await centerOf(id))!;
      return [box.x + x * box.width, box.y + y * box.height] as const;
    };
    const drag = async (id: string, dx: number, dy: number): Promise<void> => {
      const [x, y] = await at(id);
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + dx, y + dy, { steps: 4 });
      await page.mouse.up();
    };
    const root = (await centerOf('l0r0'))!;
    await drag('l0r0', 60, 0);
    expect((await centerOf('l0r0'))!.x - root.x).toBeCloseTo(60 / box.width, 2);
    expect(await state((editor) => editor.history().past.length)).toBe(1);

    await press('[data-tool=fade]');
    await drag('l0r0', 0, box.height / 4);
    expect(await state((editor) => editor.getState().layout.levels[0]!.regions[0]!.weight)).toBeCloseTo(0.5, 1);

    await press('[data-tool=remove]');
    const [x, y] = await at('l2r0');
    await page.mouse.click(x, y);
    expect(await centerOf('l2r0')).toBeUndefined();

    await press('[data-tool=add]');
    await page.getByRole('button', { name: 'Work on level 2' }).click();
    await page.mouse.click(box.x + 30, box.y + 30);
    expect((await centerOf('new1'))!.x).toBeCloseTo(30 / box.width, 2);
    await page.mouse.click(box.x + 90, box.y + 30);
    expect(await centerOf('new2')).toBeUndefined();

    for (let i = 0; i < 4; i += 1) await page.keyboard.press('Control+z');
    expect(await centerOf('l0r0')).toEqual(root);
    await page.close();
  });

  it('resizes by the grip and by the sliders, each as one undo step', async () => {
    await open();
    await page.locator('[data-region=l1r0]').focus();
    const variance = () => state((editor) => (editor.getState().layout.levels[1]!.regions[0] as { covariance: readonly number[] }).covariance[0]!);
    const before = await variance();
    const grip = (await page.locator('.grip.is-size').boundingBox())!;
    await page.mouse.move(grip.x + 22, grip.y + 22);
    await page.mouse.down();
    await page.mouse.move(grip.x + 62, grip.y + 62, { steps: 4 });
    await page.mouse.up();
    expect(await variance()).toBeGreaterThan(before);
    await page.getByRole('slider', { name: 'Strength' }).fill('0.25');
    expect(await state((editor) => editor.getState().layout.levels[1]!.regions[0]!.weight)).toBe(0.25);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect(await variance()).toBe(before);
    expect(await state((editor) => editor.getState().undoable)).toBeUndefined();
    await page.close();
  });

  it('is reached with Tab, moved with arrows and speaks', async () => {
    await open();
    await page.locator('[data-action=reset]').focus();
    await page.keyboard.press('Tab');
    expect(await state((editor) => editor.getState().selection)).toEqual(['l0r0']);
    const { x } = (await centerOf('l0r0'))!;
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
    expect((await centerOf('l0r0'))!.x).toBeCloseTo(x + 3 / 64, 10);
    await expect.poll(() => page.locator('[aria-live]').textContent()).toMatch(/^Level 0, region 1: \d+ % across/);
    const sizes = await page.locator('.handle, .tool, .icon-button, .action, .switch').evaluateAll((all) => all.map((one) => {
      const { width, height } = one.getBoundingClientRect();
      return Math.min(width, height);
    }).filter((side) => side > 0));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(43.9);
    expect(await page.locator('button').evaluateAll((all) => all.filter((b) => !b.getAttribute('aria-label') && !b.textContent?.trim()).length)).toBe(0);
    await page.close();
  });

  it('draws the heatmaps live, and leaves nothing behind', async () => {
    await open({ width: 390, height: 844 });
    const brightest = () => page.locator('canvas[data-level="0"]').evaluate((canvas: HTMLCanvasElement) => {
      const { data, width } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let best = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i]! + data[i + 2]! > data[best]! + data[best + 2]!) best = i;
      return [((best / 4) % width) / width, Math.floor(best / 4 / width) / width] as const;
    });
    await page.evaluate(() => window.editor.dispatch({ type: 'moveRegion', id: 'l0r0', to: { x: 0.25, y: 0.75 } }));
    await expect.poll(async () => Math.hypot((await brightest())[0] - 0.25, (await brightest())[1] - 0.75)).toBeLessThan(0.04);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.evaluate(() => window.unmount());
    expect(await page.locator('#editor').innerHTML()).toBe('');
    await page.evaluate(() => window.editor.dispatch({ type: 'moveRegion', id: 'l0r0', to: { x: 0.5, y: 0.5 } }));
    await page.close();
  });
});
