import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetricResult } from '@spatialgan/metrics';
import { callCli, temporaryFolder } from './callCli.js';
import { writePictures } from './images.js';

let home: string;
let run: string;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  home = await temporaryFolder((done) => cleanups.push(done));
  await writePictures(join(home, 'photos'), 12);
  const size = ['--resolution', '16', '--batch', '8', '--kimg', '0.016', '--channel-max', '16', '--latent-dim', '16', '--backend', 'wasm', '--metrics', 'fid,attention', '--metrics-num', '8', '--metrics-every', '0.008'];
  const { code } = await callCli('train', '--data', join(home, 'photos'), '--outdir', join(home, 'runs'), ...size);
  expect(code).toBe(0);
  run = join(home, 'runs', (await readdir(join(home, 'runs')))[0]!);
}, 120_000);
afterAll(async () => void (await Promise.all(cleanups.map((done) => done()))));

interface Record {
  readonly kimg: number;
  readonly results: readonly MetricResult[];
}

describe('metrics', () => {
  it('measures a run on its own images: table, JSON, a line in the run, and features of the data set only once', async () => {
    const words = ['--metrics', 'fid,kid,pr,ppl,comove,attention', '--segmenter', 'foreground', '--num', '8', '--backend', 'wasm', '--cache', join(home, 'cache')];
    const first = await callCli('metrics', '--model', run, ...words, '--out', join(home, 'm.json'));
    expect(first.errors).toEqual([]);
    expect(first.code).toBe(0);
    for (const title of ['FID', 'KID', 'precision', 'recall', 'PPL', 'Co-move ratio', 'attention consistency b8']) expect(first.info.join('\n')).toContain(`\n${title}`);
    expect(first.info.join('\n')).toMatch(/12 real, 8 generated; spatialgan-small [0-9a-f]{16}, bicubic; seed 0; version 1/);
    expect(first.warnings.join('\n')).toContain('its figures are comparable only among themselves');
    expect(first.warnings.join('\n')).toMatch(/8 images do not span 128 dims/);
    const written = JSON.parse(await readFile(join(home, 'm.json'), 'utf8')) as Record;
    expect(written.kimg).toBe(0.016);
    const [picture, moves] = [await readFile(join(run, 'comove.png')), written.results.find(({ metric }) => metric === 'coMoveRatio')!];
    expect([...picture.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    // 8 moves, 4 pairs side by side, each twice 128 wide.
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([4 * (2 * 128 + 2 + 8) + 8, 2 * (128 + 8) + 8]);
    expect(first.info.join('\n')).toMatch(/comove\.png: 8 of the moves/);
    expect(moves.details['segmenter']).toMatch(/^foreground 1/);
    const lines = (await readFile(join(run, 'metrics.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record);
    // While it trained: after each step. The training's FID is that of the same averaged generator.
    expect(lines.map(({ kimg }) => kimg)).toEqual([0.008, 0.016, 0.016]);
    expect(lines[1]!.results.map(({ metric }) => metric).slice(0, 2)).toEqual(['fid', 'attentionConsistency']);
    expect(lines[1]!.results[0]!.value).toBeCloseTo(written.results[0]!.value, 3);
    expect(lines[2]).toEqual(written);
    expect(JSON.parse(await readFile(join(run, 'best.json'), 'utf8'))).toMatchObject({ metric: 'fid', value: Math.min(lines[0]!.results[0]!.value, lines[1]!.results[0]!.value) });
    const cached = await readdir(join(home, 'cache'));
    expect(cached.filter((name) => name.endsWith('.safetensors'))).toHaveLength(1);
    const again = await callCli('metrics', '--model', run, ...words, '--batch', '3', '--json', '--no-examples');
    const { results } = JSON.parse(again.info.join('\n')) as Record;
    results.forEach(({ value }, i) => expect(value).toBeCloseTo(written.results[i]!.value, 3));
    expect(await readdir(join(home, 'cache'))).toEqual(cached);
  }, 120_000);

  it('draws figures of the run, its checkpoints included, as PNG and SVG, and says which it cannot', async () => {
    const out = join(home, 'figures');
    const drawn = await callCli('figures', '--model', run, '--figure', '3,13,14', '--out', out, '--format', 'both', '--backend', 'wasm');
    expect(drawn).toMatchObject({ code: 0, errors: [] });
    const names = ['figure-13-noise', 'figure-13-training', 'figure-14', 'figure-3'];
    expect((await readdir(out)).sort()).toEqual(names.flatMap((name) => [`${name}.png`, `${name}.svg`]).sort());
    const png = await readFile(join(out, 'figure-3.png'));
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    expect(png.readUInt32BE(16)).toBeGreaterThan(1000);
    expect(await readFile(join(out, 'figure-13-training.svg'), 'utf8')).toContain('0.016 kimg');
    const restyle = await callCli('figures', '--model', run, '--figure', '12', '--out', out, '--backend', 'wasm');
    expect(restyle).toMatchObject({ code: 2, errors: [expect.stringMatching(/figure 12: expected a model whose regions have styles of their own/)] });
    expect((await callCli('figures', '--figure', '4')).errors.join('')).toMatch(/Expected some of 3,5,8,9,10,11,12,13,14, or all/);
  }, 120_000);

  const refusals: readonly [words: string, code: number, message: RegExp][] = [
    ['--metrics fids', 2, /--metrics: expected some of fid,kid,pr,is,ppl,comove,attention, or all, got 'fids'/],
    ['--metrics is', 2, /extractor spatialgan-small has no classes; give Inception's weights with --extractor FILE/],
    ['--num 0', 2, /Expected a whole number/],
    ['--extractor @cut.pth', 1, /--extractor .*cut\.pth: /],
    ['--extractor @missing.pth', 1, /missing\.pth/],
    ['--metrics comove', 2, /--segmenter: none is made for .*photos; give --segmenter foreground/],
  ];
  it.each(refusals)('refuses %s', async (words, code, message) => {
    await writeFile(join(home, 'cut.pth'), 'no weights');
    const args = words.split(' ').map((word) => word.replace(/^@/, `${home}/`));
    const ended = await callCli('metrics', '--model', run, '--backend', 'wasm', '--num', '4', '--cache', join(home, 'cache'), ...args);
    expect(ended.errors.join('')).toMatch(message);
    expect(ended.code).toBe(code);
  });
});
