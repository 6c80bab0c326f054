/** Draws simple faces, so that the page can be tried without images: round heads of many colours and places. */
export function demoImages(count: number, resolution: number): Uint8Array[] {
  const canvas = new OffscreenCanvas(resolution, resolution);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const pick = (from: number, to: number): number => from + Math.random() * (to - from);
  const disc = (x: number, y: number, r: number, colour: string): void => {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x * resolution, y * resolution, r * resolution, 0, 2 * Math.PI);
    context.fill();
  };
  return Array.from({ length: count }, () => {
    const hue = pick(0, 360);
    context.fillStyle = `hsl(${hue + 180} 45% 82%)`;
    context.fillRect(0, 0, resolution, resolution);
    const [x, y, r] = [pick(0.4, 0.6), pick(0.42, 0.6), pick(0.24, 0.34)];
    disc(x, y, r, `hsl(${hue} 70% 55%)`);
    for (const side of [-1, 1]) {
      disc(x + side * r * 0.4, y - r * 0.2, r * 0.22, '#fff');
      disc(x + side * r * 0.4, y - r * 0.16, r * 0.11, '#222');
    }
    context.strokeStyle = '#222';
    context.lineWidth = Math.max(1, resolution / 24);
    context.beginPath();
    context.arc(x * resolution, (y + r * 0.15) * resolution, r * 0.45 * resolution, 0.15 * Math.PI, 0.85 * Math.PI);
    context.stroke();
    const { data } = context.getImageData(0, 0, resolution, resolution);
    return Uint8Array.from({ length: resolution * resolution * 3 }, (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)]!);
  });
}
