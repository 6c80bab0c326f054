import { bundle, launch, openPage } from '/work/main/packages/editor-sdk/test/browser.ts';
const script = await bundle('./face.page.ts');
console.log('bundle', script.length);
const browser = await launch();
for (const [name, o] of Object.entries({ desk: { width: 1440, height: 900, dark: true }, deskl: { width: 1280, height: 800 }, tab: { width: 900, height: 1100, dark: true }, phone: { width: 390, height: 844, touch: true, dark: true } })) {
  const page = await openPage(browser, script, o as any);
  page.on('pageerror', (e) => console.log('ERR', e)); page.on('console', (m) => console.log(m.text()));
  await page.waitForTimeout(600);
  if (name !== 'phone') { const h = page.locator('.handle').first(); const b = (await h.boundingBox())!; await page.mouse.move(b.x+22,b.y+22); await page.mouse.down(); await page.mouse.move(b.x+80,b.y-30,{steps:5}); await page.mouse.up(); await page.waitForTimeout(300); }
  await page.screenshot({ path: `/tmp/shot-${name}.png`, fullPage: name === 'phone' });
  await page.close();
}
await browser.close();
