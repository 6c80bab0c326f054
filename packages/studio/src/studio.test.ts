import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomModel } from '../test/randomModel.js';
import { chromiumPath, launch, openStudio } from '../test/servePage.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = fileURLToPath(new URL('../node_modules/.cache/page', import.meta.url));
const bundled = fileURLToPath(new URL('../../../models/avatars/model.safetensors', import.meta.url));

/** Pixels of an image canvas, as one comparable number. */
const look = (page: Page, which: 'edited' | 'original' = 'edited'): Promise<number> =>
  page.locator(`canvas[data-image=${which}]`).evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value, i) => (sum * 31 + value * (i % 97)) % 1_000_000_007, 7);
  });
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
    await build({ root, configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)), logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
    model = existsSync(bundled) ? readFileSync(bundled) : await randomModel();
    browser = await launch();
  }, 180_000);
  afterAll(() => browser?.close());

  it('opens on a model and steers it: drag, undo, keyboard, Reset, Generate, auto', async () => {
    const { page, troubles } = await openStudio(browser, folder, { width: 1280, height: 800, model });
    await settled(page);
    const [image, at, child] = [await look(page), await place(page), await place(page, 1)];

    await drag(page, at.startsWith('2') ? 90 : -60, 40);
    await settled(page);
    const dragged = await look(page);
    expect(await place(page)).not.toBe(at);
    expect(await place(page, 1)).not.toBe(child);
    expect(dragged).not.toBe(image);
    await page.waitForTimeout(200);
    expect(await look(page, 'original')).not.toBe(dragged);

    await page.keyboard.press('Control+z');
    await settled(page);
    expect(await place(page)).toBe(at);
    expect(await look(page)).toBe(image);
    await page.keyboard.press('Control+y');
    await settled(page);
    expect(await look(page)).toBe(dragged);

    await handle(page, 1).focus();
    const before = await place(page, 1);
    await page.keyboard.press('Shift+ArrowLeft');
    await settled(page);
    expect(await place(page, 1)).not.toBe(before);
    await page.keyboard.press('Delete');
    await settled(page);
    expect(await page.locator('.handle[data-level="1"]').count()).toBe(1);
    await page.keyboard.press('Control+z');
    expect(await page.locator('.handle[data-level="1"]').count()).toBe(2);

    await page.locator('[data-action=reset]').click();
    await expect.poll(() => place(page)).not.toBe(at);
    await settled(page);
    const fresh = await look(page);
    expect(fresh).not.toBe(image);

    await page.locator('[data-action=auto]').click();
    await drag(page, 25, -25);
    await page.waitForTimeout(400);
    expect(await look(page)).toBe(fresh);
    expect(await page.locator('.badge').isVisible()).toBe(true);
    await page.locator('[data-action=generate]').click();
    await settled(page);
    expect(await look(page)).not.toBe(fresh);
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

  it('keeps its frames during a drag of 200 events while the model computes', async () => {
    const { page } = await openStudio(browser, folder, { width: 1280, height: 800, model });
    await settled(page);
    const box = (await handle(page).boundingBox())!;
    const gaps = await page.locator('.stage').evaluate(async (stage, { x, y }) => {
      const send = (type: string, dx: number) =>
        stage.dispatchEvent(new PointerEvent(type, { pointerId: 7, isPrimary: true, bubbles: true, composed: true, button: 0, buttons: 1, clientX: x + dx, clientY: y }));
      stage.setPointerCapture = () => {};
      const seen: number[] = [];
      let [last, dragging] = [performance.now(), true];
      const tick = (now: number): void => {
        seen.push(now - last);
        last = now;
        if (dragging) requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
      send('pointerdown', 0);
      for (let i = 0; i < 200; i += 1) {
        send('pointermove', i % 80);
        await new Promise((resume) => setTimeout(resume, 8));
      }
      send('pointerup', 80);
      dragging = false;
      return seen.sort((a, b) => a - b);
    }, { x: box.x + 22, y: box.y + 22 });
    await settled(page);
    const report = { frames: gaps.length, median: gaps[gaps.length >> 1]!, p95: gaps[Math.floor(gaps.length * 0.95)]!, worst: gaps.at(-1)! };
    // On a busy two-core machine a frame may be late; a page that computed in its own thread would stop for whole images.
    expect(report.p95, JSON.stringify(report)).toBeLessThan(100);
    await page.context().close();
  });

  it('says what is wrong when there is no model, and opens one from a file', async () => {
    const { page } = await openStudio(browser, folder, { width: 390, height: 844, touch: true });
    await page.getByText('Could not open model.safetensors').waitFor();
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
