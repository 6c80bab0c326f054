import { type Html, html } from './html.js';
import type { Point } from './readRun.js';

/** A run's curve. */
export interface Line {
  readonly points: readonly Point[];
  /** Number of the run, which decides color and dashes. */
  readonly run: number;
}

const [width, height, left, bottom, top, right] = [340, 190, 52, 24, 10, 10];

/** At most 240 points: means of equal parts, so that a curve keeps its level. */
function thinned(points: readonly Point[]): readonly Point[] {
  const size = Math.ceil(points.length / 240);
  if (size <= 1) return points;
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const part = points.slice(i * size, (i + 1) * size);
    return { kimg: mean(part.map(({ kimg }) => kimg)), value: mean(part.map(({ value }) => value)) };
  });
}

/** From the 1st to the 99th percentile, so that a spike does not flatten the rest. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  const [low, high] = sorted.length < 100 ? [sorted[0]!, sorted.at(-1)!] : [at(0.01), at(0.99)];
  const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

/** Curves over thousands of images, all on one scale. */
export function chart(title: string, lines: readonly Line[]): Html {
  const shown = lines.map((line) => ({ ...line, points: thinned(line.points) })).filter(({ points }) => points.length > 0);
  if (shown.length === 0) return html``;
  const all = shown.flatMap(({ points }) => points);
  const last = Math.max(...all.map(({ kimg }) => kimg), 1e-9);
  const [low, high] = rangeOf(all.map(({ value }) => value));
  const x = (kimg: number): number => left + (kimg / last) * (width - left - right);
  const y = (value: number): number => height - bottom - ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (height - bottom - top);
  const ticks = [0.1, 0.5, 0.9].map((share) => low + share * (high - low));
  return html`<figure class="chart"><figcaption>${title}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title} over training">
${ticks.map((tick) => html`<path class="grid" d="M${left} ${y(tick).toFixed(1)}H${width - right}"/><text class="tick" x="${left - 6}" y="${(y(tick) + 3.5).toFixed(1)}" text-anchor="end">${tickText(tick, high - low)}</text>`)}
${[0, 0.5, 1].map((share) => html`<text class="tick" x="${x(share * last).toFixed(1)}" y="${height - 8}" text-anchor="${share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}">${tickText(share * last, last)}${share === 1 ? ' kimg' : ''}</text>`)}
${shown.map(({ points, run }) => (points.length === 1
    ? html`<circle class="dot run${run % 6}" cx="${x(points[0]!.kimg).toFixed(1)}" cy="${y(points[0]!.value).toFixed(1)}" r="3"/>`
    : html`<path class="line run${run % 6}${run >= 6 ? ' second' : ''}" d="${points.map(({ kimg, value }, i) => `${i === 0 ? 'M' : 'L'}${x(kimg).toFixed(1)} ${y(value).toFixed(1)}`).join('')}"/>`))}
</svg></figure>`;
}

/** As many decimals as tell ticks of this span apart. */
const tickText = (value: number, span: number): string => {
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(span)));
  return decimals > 6 || span >= 1e6 ? value.toExponential(1) : value.toFixed(decimals);
};
