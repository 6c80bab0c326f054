import * as d3 from 'd3-scale-chromatic';
import { expect, it } from 'vitest';
import { type ColorMap, colorTable } from './colorMaps.js';

const theirs: Readonly<Record<ColorMap, (t: number) => string>> = {
  inferno: d3.interpolateInferno, viridis: d3.interpolateViridis, magma: d3.interpolateMagma, plasma: d3.interpolatePlasma,
  cividis: d3.interpolateCividis, turbo: d3.interpolateTurbo,
};
const bytesOf = (color: string): number[] =>
  color.startsWith('#') ? color.match(/[^#]./g)!.map((byte) => parseInt(byte, 16)) : color.match(/\d+/g)!.slice(0, 3).map(Number);

it.each(Object.keys(theirs) as ColorMap[])('%s is within one step of 255 of the published map at all 256 places, and exact at both ends', (name) => {
  const [table, published] = [colorTable(name), Array.from({ length: 256 }, (_, i) => bytesOf(theirs[name](i / 255))).flat()];
  expect(table).toHaveLength(768);
  expect(Math.max(...published.map((value, i) => Math.abs(value - table[i]!)))).toBeLessThanOrEqual(1);
  expect([...table.slice(0, 3), ...table.slice(-3)]).toEqual([...published.slice(0, 3), ...published.slice(-3)]);
});
