import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';

/** Lato, beside the sources and the build alike. */
const fontFiles = (): string[] =>
  ['Lato-Regular.ttf', 'Lato-Bold.ttf'].flatMap((name) => [`../../fonts/${name}`, `../fonts/${name}`].map((place) => fileURLToPath(new URL(place, import.meta.url))).filter((path) => existsSync(path)));

/** Draws an SVG document as PNG, twice as fine as its units, with the font that comes along and no other. */
export function renderSvg(svg: string): Uint8Array {
  const font = { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: 'Lato' };
  return new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font }).render().asPng();
}
