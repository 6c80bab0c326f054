import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageFolder as folder } from '../test/buildPage.js';
import { randomModel } from '../test/randomModel.js';
import { chromiumPath, launch, openStudio } from '../test/servePage.js';

const bundled = fileURLToPath(new URL('../../../models/avatars/model.safetensors', import.meta.url));

/** Pixels of an image canvas, every 5th value. */
const look = (page: Page, which: 'edited' | 'original' = 'edited'): Promise<number[]> =>
  page.locator(`canvas[data-image=${which}]`).evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data).filter((_, i) => i % 5 === 0);
  });
/** Largest difference of two images in grey levels. The engine recompiles kernels while it runs, so equal means to rounding. */
const apart = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0) : 255;
const EQUAL = 2;
/** Waits for the image of the present document to be on the screen. */
async function settled(page: Page): Promise<void> {
  const twoFrames = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await twoFrames();
  await page.locator('.stage[data-current=true][data-status=idle]').waitFor();
  await twoFrames();
}
const handle = (page: Page, level = 0) => page.locator(`.handle[data-level="${level}"]`).first();
const place = (page: Page, level = 0): Promise<string> => handle(page, level).evaluate(({ style }) => `${style.left} ${style.top}`);

async function drag(page: Page, dx: number, dy: number, steps = 12): Promise<void> {
  const box = (await handle(page).boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx, y + dy, { steps });
  await page.mouse.up();
}

describe.skipIf(!existsSync(chromiumPath))(`studio in Chromium (skipped when there is none at ${chromiumPath})`, () => {
  let browser: Browser;
  let model: Uint8Array;
  beforeAll(async () => {
    model = existsSync(bundled) ? readFileSync(bundled) : await randomModel();
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('opens on a model and steers it: drag, undo, keyboard, Reset, Generate, auto', { timeout: 120_000 }, async () => {
    const { page, troubles } = await openStudio(browser, folder, { width: 1280, height: 800, model });
    await settled(page);
    const [image, at, child] = [await look(page), await place(page), await place(page, 1)];

    await drag(page, at.startsWith('2') ? 90 : -60, 40);
    await settled(page);
    const dragged = await look(page);
    expect(await place(page)).not.toBe(at);
    expect(await place(page, 1)).not.toBe(child);
    expect(apart(dragged, image)).toBeGreaterThan(EQUAL);
    await page.waitForTimeout(200);
    expect(apart(await look(page, 'original'), dragged)).toBeGreaterThan(EQUAL);

    await page.keyboard.press('Control+z');
    await settled(page);
    expect(await place(page)).toBe(at);
    expect(apart(await look(page), image)).toBeLessThanOrEqual(EQUAL);
    await page.keyboard.press('Control+y');
    await settled(page);
    expect(apart(await look(page), dragged)).toBeLessThanOrEqual(EQUAL);

    await handle(page, 1).focus();
    const before = await place(page, 1);
    await page.keyboard.press('Shift+ArrowLeft');
    await settled(page);
    expect(await place(page, 1)).not.toBe(before);
    await page.keyboard.press('Delete');
    await settled(page);
    expect(await page.locator('.handle[data-level="1"]').count()).toBe(1);
    await page.keyboard.press('Control+z');
    await expect.poll(() => page.locator('.handle[data-level="1"]').count()).toBe(2);

    await page.locator('[data-action=reset]').click();
    await expect.poll(() => place(page)).not.toBe(at);
    await settled(page);
    const fresh = await look(page);
    expect(apart(fresh, image)).toBeGreaterThan(EQUAL);

    await page.locator('[data-action=auto]').click();
    await drag(page, 25, -25);
    await page.waitForTimeout(400);
    expect(apart(await look(page), fresh)).toBeLessThanOrEqual(EQUAL);
    expect(await page.locator('.badge').isVisible()).toBe(true);
    await page.locator('[data-action=generate]').click();
    await settled(page);
    expect(apart(await look(page), fresh)).toBeGreaterThan(EQUAL);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('takes a drag back on Escape', async () => {
    const { page } = await openStudio(browser, folder, { width: 1280, height: 800, model });
    await settled(page);
    const at = await place(page);
    const box = (await handle(page).boundingBox())!;
    await page.mouse.move(box.x + 22, box.y + 22);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y - 30, { steps: 4 });
    await expect.poll(() => place(page)).not.toBe(at);
    await page.keyboard.press('Escape');
    await page.mouse.move(box.x + 90, box.y - 60, { steps: 4 });
    await page.mouse.up();
    await settled(page);
    expect(await place(page)).toBe(at);
    expect(await page.locator('[aria-label=Undo]').isDisabled()).toBe(true);
    await page.context().close();
  });

  it('spends less than a frame on a frame of a 200-event drag while the model computes', async () => {
    const { page } = await openStudio(browser, folder, { width: 1280, height: 800, model });
    await settled(page);
    const box = (await handle(page).boundingBox())!;
    const [frames, events] = await page.locator('.stage').evaluate(async (stage, { x, y }) => {
      const send = (type: string, dx: number) =>
        stage.dispatchEvent(new PointerEvent(type, { pointerId: 7, isPrimary: true, bubbles: true, composed: true, button: 0, buttons: 1, clientX: x + dx, clientY: y }));
      stage.setPointerCapture = () => {};
      const [frames, events]: number[][] = [[], []];
      const ask = requestAnimationFrame;
      window.requestAnimationFrame = (paint) =>
        ask((now) => {
          const began = performance.now();
          paint(now);
          frames!.push(performance.now() - began);
        });
      send('pointerdown', 0);
      for (let i = 0; i < 200; i += 1) {
        const began = performance.now();
        send('pointermove', i % 80);
        events!.push(performance.now() - began);
        await new Promise((resume) => setTimeout(resume, 8));
      }
      send('pointerup', 80);
      window.requestAnimationFrame = ask;
      return [frames!, events!].map((all) => all.sort((a, b) => a - b));
    }, { x: box.x + 22, y: box.y + 22 });
    await settled(page);
    const at = (all: readonly number[] | undefined, share: number): number => all![Math.floor((all!.length - 1) * share)]!;
    const report = { frames: frames!.length, paint: [at(frames, 0.5), at(frames, 0.95)], event: [at(events, 0.5), at(events, 0.95)] };
    // Wall-clock times: medians, because other work on the machine may stop the page at any moment.
    expect(report.frames, JSON.stringify(report)).toBeGreaterThan(20);
    expect(report.paint[0]! + report.event[0]!, JSON.stringify(report)).toBeLessThan(16);
    expect(report.paint[1]!, JSON.stringify(report)).toBeLessThan(50);
    await page.context().close();
  });

  it('says what is wrong when there is no model, and opens one from a file', async () => {
    const { page } = await openStudio(browser, folder, { width: 390, height: 844, touch: true });
    await page.getByText('Could not open model').waitFor();
    await page.locator('#file').setInputFiles({ name: 'broken.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from('no model') });
    await page.getByText('Could not open broken.safetensors').waitFor();
    await page.locator('#file').setInputFiles({ name: 'good.safetensors', mimeType: 'application/octet-stream', buffer: Buffer.from(model) });
    await settled(page);
    const { width } = (await handle(page).boundingBox())!;
    expect(width).toBeGreaterThanOrEqual(44);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const box = (await handle(page).boundingBox())!;
    const at = await place(page);
    await page.locator('.stage').evaluate((stage, { x, y }) => {
      const send = (type: string, dx: number) =>
        stage.dispatchEvent(new PointerEvent(type, { pointerId: 7, pointerType: 'touch', isPrimary: true, bubbles: true, composed: true, cancelable: true, button: type === 'pointermove' ? -1 : 0, buttons: type === 'pointerup' ? 0 : 1, clientX: x + dx, clientY: y }));
      stage.setPointerCapture = () => {};
      send('pointerdown', 0);
      send('pointermove', 30);
      send('pointerup', 30);
    }, { x: box.x + 22, y: box.y + 22 });
    await expect.poll(() => place(page)).not.toBe(at);
    await page.context().close();
  });
});
