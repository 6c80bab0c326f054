import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configDiff } from '../src/report/configDiff.js';
import { html } from '../src/report/html.js';
import { readRun } from '../src/report/readRun.js';
import { meanOverSeeds, resultKey } from '../src/report/seedGroups.js';
import { newRunFile, type TrainOptions } from '../src/trainOptions.js';
import { callCli, temporaryFolder } from './callCli.js';
import { tinyTrainOptions } from './tinyTrainOptions.js';

/** A run's folder as `train` leaves it, without checkpoints. */
async function makeRun(dir: string, options: Partial<TrainOptions>, fids: readonly number[]): Promise<string> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'config.json'), JSON.stringify(newRunFile({ ...tinyTrainOptions, ...options }, ['spatialgan', 'train', '--data-licence', '</code><script>alert(1)</script>'])));
  const lines = [0.1, 0.2, 0.3].map((kimg) => JSON.stringify({ step: kimg * 10, kimg, seconds: 60 * kimg, stats: { 'Loss/<svg onload=alert(1)>': kimg } }));
  await writeFile(join(dir, 'stats.jsonl'), `${lines.join('\n')}\nno json\n{"step":4,"kimg":0.4,"stats":{"Loss/x":"<b>"}`);
  const result = (value: number): unknown => ({
    metric: 'fid', value, interval: null, details: {}, extractor: { name: 'small', version: '1', dims: 2, published: false }, resize: 'bicubic', counts: { real: 5, generated: 6 }, seed: 0, version: 1,
    warnings: [{ code: 'OWN_EXTRACTOR', message: 'comparable only <i>among themselves</i>' }],
  });
  await writeFile(join(dir, 'metrics.jsonl'), fids.map((fid, i) => `${JSON.stringify({ kimg: i, results: [result(fid), { metric: 'broken' }] })}\n`).join(''));
  return dir;
}

describe('report', () => {
  it('is one page that asks for nothing, shows what runs say as text, and joins seeds', async () => {
    const home = await temporaryFolder();
    const a = await makeRun(join(home, `a"><script>alert(1)</script>`.replace('/', '_')), { seed: 1 }, [30, 20]);
    const b = await makeRun(join(home, 'b'), { seed: 2 }, [24]);
    const c = await makeRun(join(home, 'c'), { seed: 1, lr: 0.001 }, []);
    const out = join(home, 'report.html');
    expect(await callCli('report', a, b, c, '--out', out, '--title', 'A & <b>')).toMatchObject({ code: 0, errors: [] });
    const page = await readFile(out, 'utf8');
    expect(page).toContain('<title>A &#38; &#60;b&#62;</title>');
    expect(page).not.toMatch(/<script|<img src=x|<svg onload|<i>among/i);
    expect(page.replace(/data:image\/png;base64,[^"]*/g, '')).not.toMatch(/(src|href)=|url\(|@import|https?:/);
    expect(page).toContain("default-src 'none'");
    // FID 20 and 24 over two seeds: 22, Student's interval 22 ± 12.706 · 2.828 / √2.
    expect(page).toContain('<strong>22</strong><small>-3.412 to 47.41</small><small>2 runs</small>');
    expect(page).toMatch(/<code>training\.lrG<\/code><\/td><td><code>0\.002<\/code><\/td><td><code>0\.002<\/code><\/td><td><code>0\.001<\/code>/);
    expect(page).toContain('prefers-color-scheme:dark');
  });

  it('wants runs', async () => {
    const home = await temporaryFolder();
    expect(await callCli('report', home, '--out', join(home, 'r.html'))).toMatchObject({ code: 1, errors: [expect.stringContaining("expected a run's folder")] });
    expect((await callCli('report')).code).toBe(2);
  });
});

describe('its parts', () => {
  it('escape everything but HTML of their own', () => {
    expect(html`<p title="${'"<'}">${['a&b', html`<b>${"'"}</b>`, null, false, 3]}</p>`.html).toBe('<p title="&#34;&#60;">a&#38;b<b>&#39;</b>3</p>');
  });

  it('give a mean its interval by Student, and none to one run', () => {
    expect(meanOverSeeds([5])).toEqual({ mean: 5, interval: null });
    const { mean, interval } = meanOverSeeds([1, 2, 3]);
    expect(mean).toBe(2);
    expect(interval![1]).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 12);
  });

  it('sum the time of a run that went on: each part counts from 0', async () => {
    const home = await temporaryFolder();
    const dir = await makeRun(join(home, 'run'), {}, []);
    const lines = [[0.1, 50], [0.2, 100], [0.3, 40], [0.4, 90]].map(([kimg, seconds]) => JSON.stringify({ step: 1, kimg, seconds, stats: {} }));
    await writeFile(join(dir, 'stats.jsonl'), lines.join('\n'));
    expect((await readRun(dir)).seconds).toBe(190);
  });

  it('put moves of one number in one row, however many were matched', () => {
    const key = (matched: number, moves = 500): string =>
      resultKey({ metric: 'coMoveRatio', value: 1, interval: null, details: { segmenter: 'rooms 2' }, extractor: null, resize: null, counts: { moves, matched }, seed: 0, version: 1, warnings: [] });
    expect(key(300)).toBe(key(200));
    expect(key(300)).not.toBe(key(300, 400));
  });

  it('name only what differs', () => {
    expect(configDiff([{ a: 1, b: { c: [1, 2] }, d: null }, { a: 1, b: { c: [1, 3] } }])).toEqual([
      { path: 'b.c', texts: ['[1,2]', '[1,3]'] }, { path: 'd', texts: ['null', '-'] },
    ]);
  });
});
