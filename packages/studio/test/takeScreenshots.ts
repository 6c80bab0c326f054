// Pictures of the built page on a model: node --conditions=spatialgan-source --import tsx takeScreenshots.ts MODEL OUTDIR
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { studioDirectory } from '../src/index.js';
import { launch, openStudio } from './servePage.js';

const [modelPath = 'models/avatars/model.safetensors', outdir = 'runs/screenshots'] = process.argv.slice(2);
mkdirSync(outdir, { recursive: true });
const model = readFileSync(modelPath);
const browser = await launch();
const views = {
  desktop: { width: 1440, height: 900, dark: true }, light: { width: 1280, height: 800 }, phone: { width: 390, height: 844, touch: true, dark: true },
};
for (const [name, view] of Object.entries(views)) {
  const began = Date.now();
  const { page, troubles } = await openStudio(browser, studioDirectory(), { ...view, model });
  const shoot = (what: string, fullPage = false) => page.screenshot({ path: join(outdir, `${name}-${what}.png`), fullPage });
  await page.locator('.stage[data-current=true]').waitFor();
  console.log(`${name}: first image after ${Date.now() - began} ms; ${await page.locator('.facts').innerText()}`, ...troubles);
  await page.waitForTimeout(500);
  await shoot('open', name === 'phone');
  if (name === 'desktop') {
    const handle = (await page.locator('.handle[data-level="0"]').first().boundingBox())!;
    const stage = (await page.locator('.stage').boundingBox())!;
    const [x, y] = [handle.x + 22, handle.y + 22];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (const [i, share] of [0.25, 0.5, 0.75].entries()) {
      await page.mouse.move(stage.x + stage.width * share, stage.y + stage.height / 2, { steps: 8 });
      await page.locator('.stage[data-current=true]').waitFor();
      await page.waitForTimeout(300);
      await shoot(`drag-${i + 1}`);
    }
    await page.mouse.up();
  }
  await page.close();
}
await browser.close();
