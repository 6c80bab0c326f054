import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import type { Browser, Download, Page } from 'playwright-core';
import sharp from 'sharp';
import { decodeFragment, documentFromText, readPngDocument } from '@spatialgan/share';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageFolder } from '../test/buildPage.js';
import { chromiumPath, launch, openStudio, type PageOptions } from '../test/servePage.js';

const model = readFileSync(fileURLToPath(new URL('../../../models/avatars/model.safetensors', import.meta.url)));
const DESKTOP = { width: 1280, height: 800, model } as const;

describe.skipIf(!existsSync(chromiumPath))(`what leaves and enters the studio (skipped without a Chromium at ${chromiumPath})`, { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launch()));
  afterAll(() => browser?.close());

  async function open(options: Partial<PageOptions> = {}): Promise<{ page: Page; troubles: string[] }> {
    const opened = await openStudio(browser, pageFolder, { ...DESKTOP, ...options });
    await settled(opened.page);
    return opened;
  }
  /** Waits until the image of the present document is on the screen. */
  async function settled(page: Page): Promise<void> {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.locator('.stage[data-current=true][data-status=idle]').waitFor();
  }
  async function drag(page: Page): Promise<void> {
    const box = (await page.locator('.handle[data-level="0"]').first().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x - 40, box.y + 40, { steps: 5 });
    await page.mouse.up();
    await settled(page);
  }
  const bytesOf = async (download: Download): Promise<Buffer> => readFileSync(await download.path());
  async function exported(page: Page, format: string, settings: Readonly<Record<string, string>> = {}): Promise<{ name: string; bytes: Buffer }> {
    await page.locator('#export').click();
    await page.locator(`[data-format=${format}]`).click();
    for (const [name, value] of Object.entries(settings)) await page.locator(`[data-dialog=export] [name=${name}]`).selectOption(value);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('[data-dialog=export] [data-action=save]').click()]);
    await page.keyboard.press('Escape');
    return { name: download.suggestedFilename(), bytes: await bytesOf(download) };
  }
  const ownPixels = async (page: Page): Promise<Buffer> => sharp((await exported(page, 'png', { side: '32' })).bytes).raw().toBuffer();

  it('saves the image with its layout inside, and goes on from it; the layout as JSON too', async () => {
    const { page, troubles } = await open();
    await drag(page);
    const png = await exported(page, 'png', { side: '64', scaling: 'pixels' });
    const before = await ownPixels(page);
    expect([png.name, (await sharp(png.bytes).metadata()).width]).toEqual(['paper32.png', 64]);
    const json = await exported(page, 'json');
    const document = documentFromText(json.bytes.toString());
    expect(readPngDocument(png.bytes)).toEqual(document);
    expect(document.model).toMatchObject({ name: 'paper32', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });

    for (const file of [{ name: 'a.png', mimeType: 'image/png', buffer: png.bytes }, { name: 'a.json', mimeType: 'application/json', buffer: json.bytes }]) {
      await page.locator('[data-action=reset]').click();
      await expect.poll(() => page.locator('[aria-label=Undo]').getAttribute('title')).toMatch(/Reset/);
      await settled(page);
      await page.locator('#file').setInputFiles(file);
      await expect.poll(() => page.locator('[aria-label=Undo]').getAttribute('title')).not.toMatch(/: Reset$/);
      await settled(page);
      expect(await ownPixels(page)).toEqual(before);
    }
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('saves the drag as GIF, WebM and frames, and a film of pinned moments', async () => {
    const { page, troubles } = await open();
    await page.locator('#pin').click();
    await drag(page);
    await page.locator('#pin').click();
    await page.locator('#pin').click();
    const quick = { keyframes: 'ends', seconds: '0.5', fps: '12', side: '64' };
    const gif = await exported(page, 'gif', quick);
    // Half a second at 12 a second: 1 + 6 frames there, 5 between on the way back.
    expect([gif.name, (await sharp(gif.bytes, { animated: true }).metadata()).pages]).toEqual(['paper32-drag.gif', 12]);
    const zip = unzipSync((await exported(page, 'zip', { ...quick, keyframes: 'edits' })).bytes);
    expect(Object.keys(zip)).toHaveLength(14);
    expect(documentFromText(Buffer.from(zip['document.json']!).toString()).request.layout.levels).toHaveLength(3);
    expect((await sharp(zip['frame-0007.png']!).metadata()).width).toBe(64);
    const webm = await exported(page, 'webm', { ...quick, keyframes: 'pins' });
    expect(webm.bytes.subarray(0, 4).toString('hex')).toBe('1a45dfa3');
    const film = await page.evaluate(async (bytes) => {
      const video = document.createElement('video');
      video.src = URL.createObjectURL(new Blob([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], { type: 'video/webm' }));
      await new Promise((resolve, reject) => ((video.onloadeddata = resolve), (video.onerror = () => reject(new Error(video.error?.message)))));
      return [video.videoWidth, video.duration];
    }, webm.bytes.toString('base64'));
    expect(film[0]).toBe(64);
    expect(film[1]).toBeCloseTo(1, 1);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('saves a film in which a region takes the place of another, on a level that has no room for both', async () => {
    const { page, troubles } = await open();
    await page.locator('.handle[data-level="2"]').first().focus();
    await page.keyboard.press('Delete');
    await page.locator('[data-tool=add]').click();
    await page.locator('.stage').click({ position: { x: 40, y: 40 } });
    await settled(page);
    expect(await page.locator('.handle[data-level="2"]').count()).toBe(4);
    const gif = await exported(page, 'gif', { keyframes: 'ends', seconds: '0.5', fps: '12', side: '32' });
    expect((await sharp(gif.bytes, { animated: true }).metadata()).pages).toBe(12);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('shares a link that gives the same pixels, and says what is wrong with others', async () => {
    const { page } = await open();
    await drag(page);
    const before = await ownPixels(page);
    await page.locator('#share').click();
    await page.getByText(/carries the whole edit/).waitFor();
    const { hash } = new URL(page.url());
    expect(decodeFragment(hash)?.model?.name).toBe('paper32');
    await page.context().close();

    const other = await open({ address: hash });
    await expect.poll(() => ownPixels(other.page)).toEqual(before);
    await other.page.evaluate(() => (location.hash = '#edit=AAAA'));
    await other.page.getByText(/the link is damaged or incomplete/).waitFor();
    await other.page.locator('#file').setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{"format":"spatialgan-document","version":9}') });
    await other.page.getByText(/expected version 1, got 9/).waitFor();
    await other.page.locator('#file').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no image') });
    await other.page.getByText(/no image that the browser can read/).waitFor();
    await other.page.keyboard.press('Escape');
    await settled(other.page);
    expect(await ownPixels(other.page)).toEqual(before);
    await other.page.context().close();
  });

  it('keeps its document when the browser ends its Worker, and opens the model again', async () => {
    const { page } = await open();
    await drag(page);
    const before = await ownPixels(page);
    await page.workers()[0]!.evaluate(() => self.close()).catch(() => {});
    await page.locator('[data-action=generate]').click();
    await page.getByText('The model is back.').waitFor();
    await settled(page);
    expect(await ownPixels(page)).toEqual(before);
    await page.context().close();
  });

  it('opens a model from an address, keeps it, checks it, and needs no network the next time', async () => {
    const address = 'https://models.example/faces.safetensors';
    let online = true;
    const { page } = await open({ address: `?model=${address}`, elsewhere: { [address]: () => (online ? model : undefined) } });
    online = false;
    await page.reload();
    await settled(page);
    await page.evaluate(() => new Promise((done, fail) => {
      const request = indexedDB.open('spatialgan-models');
      request.onerror = fail;
      request.onsuccess = () => {
        const store = request.result.transaction('models', 'readwrite').objectStore('models');
        store.openCursor().onsuccess = ({ target }) => {
          const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result;
          if (!cursor) return done(null);
          cursor.update({ ...(cursor.value as object), bytes: new Blob(['tampered']) });
          cursor.continue();
        };
      };
    }));
    await page.reload();
    await page.getByText('Could not open faces.safetensors').waitFor();
    await page.getByText(/could not reach https:\/\/models.example/).waitFor();
    await page.context().close();
  });

  it('finds a photo in the model, with progress and cancel, and edits it', async () => {
    const { page, troubles } = await open();
    const photo = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#e8a0c8' } }).jpeg().toBuffer();
    await page.locator('#photo').click();
    await page.locator('#file').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: photo });
    const dialog = page.locator('[data-dialog=photo]');
    await dialog.locator('.crop').waitFor();
    await dialog.locator('.crop').press('+');
    await dialog.locator('[data-action=project]').click();
    await page.getByText(/Step \d+ of 300/).waitFor();
    await dialog.locator('[data-action=project]').click();
    await dialog.locator('.crop').waitFor();
    await dialog.locator('[name=steps] option').first().evaluate((option: HTMLOptionElement) => (option.value = '12'));
    await dialog.locator('[name=steps]').selectOption('12');
    await dialog.locator('[data-action=project]').click();
    await dialog.locator('[data-action=use]').click();
    await settled(page);
    const { request } = documentFromText((await exported(page, 'json')).bytes.toString());
    expect(request.latent.kind).toBe('ws');
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});
