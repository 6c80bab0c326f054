import { encodePng } from '@spatialgan/data/node';
import { enlarge, type RgbImage } from '@spatialgan/trainer';

/** Something drawn over a cell; places and lengths in image sides, x right, y down. */
export type Mark =
  | { readonly kind: 'ellipse'; readonly x: number; readonly y: number; readonly rx: number; readonly ry: number; /** Radians. */ readonly angle: number; readonly color: string; readonly dashed?: boolean }
  | { readonly kind: 'arrow'; readonly from: readonly [x: number, y: number]; readonly to: readonly [x: number, y: number]; readonly color: string };

/** One picture of a sheet. */
export interface Cell {
  readonly image: RgbImage;
  readonly marks?: readonly Mark[];
  /** Below the picture. */
  readonly label?: string;
}

/** Columns that stand together, with a heading over them. */
export interface ColumnGroup {
  readonly heading?: string;
  readonly columns: readonly string[];
}

/** A labelled table of pictures. */
export interface Sheet {
  readonly title: string;
  /** What is seen and how it was made; lines below the title. */
  readonly notes: readonly string[];
  readonly groups: readonly ColumnGroup[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly (Cell | null)[] }[];
  /** Colors and what they mean, below the table. */
  readonly legend?: readonly { readonly color: string; readonly text: string; readonly dashed?: boolean }[];
  /** Where it comes from, in small print. */
  readonly source: string;
}

const side = 128;
const gap = 8;
const groupGap = 28;
const margin = 28;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

interface TextStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly color?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

const text = (x: number, y: number, content: string, { size = 13, bold = false, color = '#222', anchor = 'start' }: TextStyle = {}): string =>
  `<text x="${x}" y="${y}" font-family="Lato, sans-serif" font-size="${size}"${bold ? ' font-weight="700"' : ''} fill="${color}" text-anchor="${anchor}">${escaped(content)}</text>`;

/** How wide a text is, in pixels, and a little more; Lato's letters are half as wide as high on average. */
const widthOf = (content: string, size = 13): number => content.length * size * 0.505;

/** A mark with a light edge below it, so that it is seen on dark and on light. */
function markSvg(mark: Mark, left: number, top: number): string {
  const at = ([x, y]: readonly [number, number]): string => `${(left + x * side).toFixed(1)} ${(top + y * side).toFixed(1)}`;
  const twice = (draw: (stroke: string, width: number) => string): string => draw('#fff', 3.6) + draw(mark.color, 1.8);
  if (mark.kind === 'ellipse') {
    const turn = `rotate(${((mark.angle * 180) / Math.PI).toFixed(2)} ${at([mark.x, mark.y])})`;
    const shape = `cx="${(left + mark.x * side).toFixed(1)}" cy="${(top + mark.y * side).toFixed(1)}" rx="${(mark.rx * side).toFixed(1)}" ry="${(mark.ry * side).toFixed(1)}"`;
    return twice((stroke, width) => `<ellipse ${shape} transform="${turn}" fill="none" stroke="${stroke}" stroke-width="${width}"${mark.dashed ? ' stroke-dasharray="5 4"' : ''}/>`);
  }
  const [dx, dy] = [mark.to[0] - mark.from[0], mark.to[1] - mark.from[1]];
  const length = Math.hypot(dx, dy);
  if (length < 0.02) return '';
  const head = Math.min(0.07, length / 2);
  const wing = (turn: number): readonly [number, number] => {
    const angle = Math.atan2(dy, dx) + turn;
    return [mark.to[0] - head * Math.cos(angle), mark.to[1] - head * Math.sin(angle)];
  };
  const path = `M${at(mark.from)} L${at(mark.to)} M${at(wing(0.5))} L${at(mark.to)} L${at(wing(-0.5))}`;
  return twice((stroke, width) => `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`);
}

async function cellSvg({ image, marks = [], label }: Cell, { left, top, clip }: { left: number; top: number; clip: string }): Promise<string> {
  // Whole pixels stay squares; the renderer would blur them.
  const factor = Math.max(1, Math.round(256 / image.width));
  const png = Buffer.from(await encodePng(enlarge(image, factor))).toString('base64');
  return (
    `<clipPath id="${clip}"><rect x="${left}" y="${top}" width="${side}" height="${side}"/></clipPath>` +
    `<image x="${left}" y="${top}" width="${side}" height="${side}" preserveAspectRatio="none" href="data:image/png;base64,${png}"/>` +
    `<g clip-path="url(#${clip})">${marks.map((mark) => markSvg(mark, left, top)).join('')}</g>` +
    (label === undefined ? '' : text(left + side / 2, top + side + 14, label, { size: 11, color: '#555', anchor: 'middle' }))
  );
}

/** Left edges of all columns, and where each group begins and ends. */
function columnPlaces(groups: readonly ColumnGroup[], begin: number): { readonly lefts: readonly number[]; readonly spans: readonly (readonly [number, number])[] } {
  const lefts: number[] = [];
  const spans: (readonly [number, number])[] = [];
  let x = begin;
  for (const { columns } of groups) {
    const from = x;
    for (let i = 0; i < columns.length; i++) {
      lefts.push(x);
      x += side + gap;
    }
    spans.push([from, x - gap]);
    x += groupGap - gap;
  }
  return { lefts, spans };
}

/** Draws a sheet as an SVG document, pictures included. */
export async function sheetSvg({ title, notes, groups, rows, legend = [], source }: Sheet): Promise<string> {
  const rowLabel = Math.max(0, ...rows.map(({ label }) => widthOf(label)));
  const begin = margin + (rowLabel > 0 ? rowLabel + 10 : 0);
  const { lefts, spans } = columnPlaces(groups, begin);
  const headed = groups.some(({ heading }) => heading !== undefined);
  const labelled = rows.some(({ cells }) => cells.some((cell) => cell?.label !== undefined));
  const legendWidth = legend.reduce((sum, entry) => sum + widthOf(entry.text, 12) + 46, 0);
  const width = Math.ceil(Math.max(spans.at(-1)![1], margin + widthOf(title, 20), ...notes.map((note) => margin + widthOf(note)), margin + legendWidth, margin + widthOf(source, 11)) + margin);
  const parts = [text(margin, margin + 18, title, { size: 20, bold: true }), ...notes.map((note, i) => text(margin, margin + 40 + i * 18, note, { color: '#444' }))];
  let y = margin + 30 + notes.length * 18 + (headed ? 24 : 0) + 22;
  groups.forEach(({ heading, columns }, g) => {
    const [from, to] = spans[g]!;
    if (heading !== undefined) {
      parts.push(text((from + to) / 2, y - 30, heading, { size: 14, bold: true, anchor: 'middle' }), `<path d="M${from} ${y - 23} H${to}" stroke="#999" stroke-width="1"/>`);
    }
    const first = groups.slice(0, g).reduce((sum, group) => sum + group.columns.length, 0);
    columns.forEach((label, i) => parts.push(text(lefts[first + i]! + side / 2, y - 8, label, { anchor: 'middle' })));
  });
  for (const [r, { label, cells }] of rows.entries()) {
    if (label) parts.push(text(begin - 10, y + side / 2 + 5, label, { anchor: 'end' }));
    for (const [c, cell] of cells.entries()) if (cell) parts.push(await cellSvg(cell, { left: lefts[c]!, top: y, clip: `c${r}-${c}` }));
    y += side + gap + (labelled ? 14 : 0);
  }
  y += 12;
  let x = begin;
  for (const entry of legend) {
    parts.push(`<path d="M${x} ${y} h22" stroke="${entry.color}" stroke-width="3"${entry.dashed ? ' stroke-dasharray="5 4"' : ''}/>`, text(x + 28, y + 4, entry.text, { size: 12, color: '#444' }));
    x += widthOf(entry.text, 12) + 46;
  }
  if (legend.length > 0) y += 22;
  parts.push(text(margin, y + 8, source, { size: 11, color: '#777' }));
  const height = Math.ceil(y + 8 + margin);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`;
}
