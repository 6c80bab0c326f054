import { readFileSync } from 'node:fs';
import { launch, openStudio } from './servePage.js';
const model = readFileSync('/work/main/models/avatars/model.safetensors');
const browser = await launch();
for (const [name, o] of Object.entries({ desk: { width: 1440, height: 900, dark: true }, light: { width: 1280, height: 800 }, phone: { width: 390, height: 844, touch: true, dark: true } })) {
  const t = Date.now();
  const { page, troubles } = await openStudio(browser, '/work/main/packages/studio/dist', { ...o, model });
  await page.locator('.stage[data-current=true]').waitFor({ timeout: 30000 });
  console.log(name, Date.now() - t, 'ms first image', (await page.locator('.facts').innerText()));
  await page.waitForTimeout(800);
  await page.screenshot({ path: `/tmp/shots/${name}-0-open.png` });
  if (name === 'desk') {
    const b = (await page.locator('.handle[data-level="0"]').first().boundingBox())!; const x = b.x + 22, y = b.y + 22;
    const s = (await page.locator('.stage').boundingBox())!;
    await page.mouse.move(x, y); await page.mouse.down();
    const tx = x < s.x + s.width / 2 ? s.x + s.width * .72 : s.x + s.width * .28, ty = s.y + s.height * .5;
    for (let i = 1; i <= 3; i++) { await page.mouse.move(x + (tx - x) * i / 3, y + (ty - y) * i / 3, { steps: 6 }); await page.waitForTimeout(600); await page.screenshot({ path: `/tmp/shots/${name}-1-drag${i}.png` }); }
    await page.mouse.up(); console.log(await page.locator('.facts').innerText());
  }
  if (name === 'light') { await page.locator('[aria-label="Show the heatmap on the image"]').click(); await page.waitForTimeout(300); await page.screenshot({ path: `/tmp/shots/${name}-2-overlay.png` }); }
  if (name === 'phone') await page.screenshot({ path: `/tmp/shots/${name}-full.png`, fullPage: true });
  console.log(troubles);
  await page.close();
}
await browser.close();
