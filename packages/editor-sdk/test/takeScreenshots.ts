// Pictures of the face in its sizes, themes and languages, for looking at: `npx tsx --conditions=spatialgan-source test/takeScreenshots.ts FOLDER`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, launch, openPage } from './browser.js';

const folder = process.argv[2] ?? 'shots';
const only = process.argv[3];
mkdirSync(folder, { recursive: true });
const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844, touch: true };
const shots = {
  'desktop-light': { ...wide, query: '?everything&theme=light' },
  'desktop-dark': { ...wide, query: '?everything&theme=dark', dark: true },
  'desktop-contrast': { ...wide, query: '?everything&theme=contrast' },
  'desktop-contrast-dark': { ...wide, query: '?everything&theme=contrast', dark: true },
  'desktop-wipe-zh': { ...wide, query: '?everything&theme=dark&lang=zh&compare=wipe', dark: true },
  'desktop-rtl': { ...wide, query: '?everything&theme=light&dir=rtl' },
  'phone-light': { ...phone, query: '?everything&theme=light' },
  'phone-dark': { ...phone, query: '?everything&theme=dark', dark: true },
} as const;
const script = await bundle('./face.page.ts');
const browser = await launch();
for (const [name, options] of Object.entries(shots).filter(([each]) => !only || each.includes(only))) {
  const page = await openPage(browser, script, options);
  await page.locator('.stage[data-current=true]').waitFor();
  await page.evaluate(() => {
    window.editor.dispatch({ type: 'updateRegion', id: 'l1r0', patch: { covariance: [0.03, 0.012, 0.012] } as object });
    window.editor.dispatch({ type: 'moveRegion', id: 'l0r0', to: { x: 0.44, y: 0.5 } });
    window.editor.dispatch({ type: 'setLocked', ids: ['l2r1'], locked: true });
    window.editor.select(['l1r0']);
  });
  await page.locator('[data-section=gallery-latents] summary').click();
  await page.locator('[data-section=history] summary').click();
  await page.locator('.gallery-item[data-ready]').nth(5).waitFor();
  await page.evaluate(() => document.querySelector('.spatialgan-editor')!.shadowRoot!.querySelector('.panel')!.scrollTo(0, 0));
  await page.waitForTimeout(200);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: name.startsWith('phone') });
  await page.close();
}
await browser.close();
