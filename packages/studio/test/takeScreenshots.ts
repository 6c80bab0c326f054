// Pictures of the page, built anew, on a model: node --conditions=spatialgan-source --import tsx takeScreenshots.ts MODEL OUTDIR
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { pageFolder, setup } from './buildPage.js';
import { launch, openStudio } from './servePage.js';

const [modelPath = 'models/avatars/model.safetensors', outdir = 'runs/screenshots'] = process.argv.slice(2);
mkdirSync(outdir, { recursive: true });
const model = readFileSync(modelPath);
await setup();
const browser = await launch();
const views = {
  desktop: { width: 1440, height: 900, dark: true }, light: { width: 1280, height: 800 }, phone: { width: 390, height: 844, touch: true, dark: true },
};
for (const [name, view] of Object.entries(views)) {
  const began = Date.now();
  const { page, troubles } = await openStudio(browser, pageFolder, { ...view, model });
  const shoot = (what: string, fullPage = false) => page.screenshot({ path: join(outdir, `${name}-${what}.png`), fullPage });
  await page.locator('.stage[data-current=true]').waitFor();
  console.log(`${name}: first image after ${Date.now() - began} ms; ${await page.locator('.facts').innerText()}`, ...troubles);
  await page.waitForTimeout(1300);
  await shoot('open', name === 'phone');
  if (name === 'desktop') {
    const handle = (await page.locator('.handle[data-level="0"]').first().boundingBox())!;
    const stage = (await page.locator('.stage').boundingBox())!;
    const from = { x: handle.x + handle.width / 2, y: handle.y + handle.height / 2 };
    const frames: Buffer[] = [];
    const frame = async (): Promise<void> => {
      await page.locator('.stage[data-current=true][data-final=true]').waitFor();
      await page.waitForTimeout(150);
      frames.push(await sharp(await page.screenshot({ clip: stage })).resize(360).png().toBuffer());
    };
    await page.mouse.move(from.x, from.y);
    await frame();
    await page.mouse.down();
    // Once round: right, down, left, up, and back to where it began.
    const rounds = 24;
    for (let i = 1; i <= rounds; i++) {
      const angle = (2 * Math.PI * i) / rounds;
      await page.mouse.move(from.x + stage.width * 0.24 * Math.sin(angle), from.y + stage.height * 0.2 * (1 - Math.cos(angle)) * (from.y > stage.y + stage.height / 2 ? -1 : 1), { steps: 4 });
      await frame();
      if (i === rounds / 4) await shoot('drag-right');
      if (i === (rounds * 3) / 4) await shoot('drag-left');
    }
    await page.mouse.up();
    await sharp(frames, { join: { animated: true } }).gif({ delay: frames.map(() => 120), loop: 0 }).toFile(join(outdir, 'drag.gif'));
  }
  await page.close();
}
await browser.close();
