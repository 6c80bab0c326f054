import { readFileSync } from 'node:fs';
import { launch, openStudio } from './servePage.js';
const model = readFileSync(process.argv[2] ?? '/tmp/random.safetensors');
const browser = await launch();
for (const [name, o] of Object.entries({ desk: { width: 1440, height: 900, dark: true }, light: { width: 1280, height: 800 }, phone: { width: 390, height: 844, touch: true, dark: true } })) {
  const t = Date.now();
  const { page, troubles } = await openStudio(browser, '/work/main/packages/studio/dist', { ...o, model });
  try { await page.locator('.stage[data-current=true]').waitFor({ timeout: 20000 }); } catch (e) { console.log(String(e).slice(0, 300), await page.locator('#welcome').innerText()); }
  console.log(name, Date.now() - t, 'ms', await page.locator('.status').innerText().catch(() => ''));
  await page.waitForTimeout(600);
  await page.screenshot({ path: `/tmp/studio-${name}.png`, fullPage: name === 'phone' });
  console.log(troubles);
  await page.close();
}
await browser.close();
