import type { Tick } from './messages.js';

/** The lines of the plot: what is reported, how it is called, its colour. */
export const lines = [
  { name: 'Loss/G/adversarial', label: 'generator', colour: '#6d5ef5' },
  { name: 'Loss/D/adversarial', label: 'discriminator', colour: '#e0762f' },
  { name: 'Loss/G/align', label: 'alignment', colour: '#1f9d78' },
] as const;

/** As many points as a plot of this width can show: the mean of each run of neighbours. */
function thinned(ticks: readonly Tick[], most: number): readonly Tick[] {
  const each = Math.ceil(ticks.length / most);
  if (each <= 1) return ticks;
  return Array.from({ length: Math.ceil(ticks.length / each) }, (_, i) => {
    const some = ticks.slice(i * each, (i + 1) * each);
    const meanOf = (name: string): number => some.reduce((sum, { losses }) => sum + (losses[name] ?? 0), 0) / some.length;
    return { kimg: some.at(-1)!.kimg, losses: Object.fromEntries(lines.map(({ name }) => [name, meanOf(name)])) };
  });
}

/** Draws the losses over the images shown, sharp on any display; a point is a dot while there are few. */
export function drawLosses(canvas: HTMLCanvasElement, all: readonly Tick[]): void {
  const ratio = devicePixelRatio;
  const { width, height } = canvas.getBoundingClientRect();
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  const ticks = thinned(all, Math.max(50, width / 2));
  const [left, bottom] = [36, 22];
  const values = ticks.flatMap(({ losses }) => lines.map(({ name }) => losses[name] ?? 0)).filter(Number.isFinite);
  const top = Math.max(0.5, ...values) * 1.05;
  const [from, to] = [0, Math.max(ticks.at(-1)?.kimg ?? 0, 1e-3)];
  const at = (kimg: number, value: number): [number, number] => [left + ((kimg - from) / (to - from)) * (width - left - 6), 6 + (1 - value / top) * (height - bottom - 6)];
  const style = getComputedStyle(canvas);
  context.font = `12px ${style.fontFamily}`;
  for (const share of [0, 0.5, 1]) {
    const [x, y] = at(0, top * share);
    context.strokeStyle = context.fillStyle = style.getPropertyValue('color');
    context.globalAlpha = 0.2;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(width, y);
    context.stroke();
    context.globalAlpha = 0.7;
    context.fillText((top * share).toFixed(1), 2, Math.min(height - bottom, y + 4));
  }
  if (ticks.length === 0) {
    context.textAlign = 'center';
    context.fillText('after the first two steps', left + (width - left) / 2, height / 2);
  }
  context.textAlign = 'right';
  context.fillText(ticks.length === 0 ? '' : `${to < 1 ? Math.round(to * 1000) : `${to.toFixed(1)} thousand`} images`, width - 6, height - 5);
  context.globalAlpha = 1;
  context.lineWidth = 2;
  for (const { name, colour } of lines) {
    context.strokeStyle = context.fillStyle = colour;
    context.beginPath();
    ticks.forEach(({ kimg, losses }) => context.lineTo(...at(kimg, losses[name] ?? 0)));
    context.stroke();
    if (ticks.length > 30) continue;
    context.beginPath();
    for (const { kimg, losses } of ticks) {
      const [x, y] = at(kimg, losses[name] ?? 0);
      context.moveTo(x + 3, y);
      context.arc(x, y, 3, 0, 2 * Math.PI);
    }
    context.fill();
  }
}
