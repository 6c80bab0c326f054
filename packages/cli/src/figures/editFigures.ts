import { SpatialGANError } from '@spatialgan/core';
import { type HeatmapLayout, moveRegion, type Region, updateRegion } from '@spatialgan/schema';
import { assertSteered, draw, type Figure, type FigureContext, latentOf, layoutOf } from './figureContext.js';
import { layoutMarks, levelColor, regionMark } from './pictures.js';
import type { Cell, Sheet } from './sheet.js';

const rows = 4;
const levelLegend = (layout: HeatmapLayout): NonNullable<Sheet['legend']> =>
  layout.levels.map(({ regions }, level) => ({ color: levelColor(level), text: layout.levels.length === 1 ? 'regions' : `level ${level} (${regions.length} region${regions.length === 1 ? '' : 's'})` }));

/** Figure 5: rows share a layout, columns a latent. */
export const galleryFigure: Figure = async (context) => {
  assertSteered(context, '5');
  const columns = 6;
  const layouts = await Promise.all(Array.from({ length: rows }, (_, r) => layoutOf(context, r)));
  const lines: Sheet['rows'][number][] = [];
  for (const [r, layout] of layouts.entries()) {
    const cells: Cell[] = [];
    for (let c = 0; c < columns; c++) cells.push({ image: await draw(context, layout, latentOf(context, c)), ...(c === 0 && { marks: layoutMarks(layout) }) });
    lines.push({ label: `layout ${r + 1}`, cells });
  }
  const sheet: Sheet = {
    title: 'One layout, many latents; one latent, many layouts',
    notes: ['Images of a row have the same regions, drawn over the first one; images of a column have the same latent code.'],
    groups: [{ columns: Array.from({ length: columns }, (_, c) => `latent ${c + 1}`) }],
    rows: lines, legend: levelLegend(layouts[0]!), source: context.source,
  };
  return [{ name: 'figure-5', sheet }];
};

/** Where a region stands at each step of a drag from left to right, or from top to bottom in every other row. */
function dragSteps(region: Region, vertical: boolean, reach: number): readonly { readonly x: number; readonly y: number }[] {
  const { x, y } = region.center;
  return [-1, -0.5, 0, 0.5, 1].map((t) => (vertical ? { x, y: y + t * reach } : { x: x + t * reach, y }));
}

/** The row's region of a level, or the next one that lies inside the image: outside there is nothing to see of a drag. */
function seenRegion({ levels }: HeatmapLayout, level: number, row: number): Region {
  const { regions } = levels[level]!;
  const inside = ({ center: { x, y } }: Region): boolean => Math.min(x, y, 1 - x, 1 - y) > 0.1;
  const from = row % regions.length;
  return [...regions.slice(from), ...regions.slice(0, from)].find(inside) ?? regions[from]!;
}

async function dragRow(context: FigureContext, { row, level, reach }: { row: number; level: number; reach: number }): Promise<readonly Cell[]> {
  const layout = await layoutOf(context, row);
  const region = seenRegion(layout, level, row);
  const cells: Cell[] = [];
  for (const to of dragSteps(region, row % 2 === 1, reach)) {
    const moved = moveRegion(layout, region.id, to);
    const marks = [
      regionMark({ ...region, center: to }, level),
      { kind: 'arrow', from: [region.center.x, region.center.y], to: [to.x, to.y], color: levelColor(level) } as const,
    ];
    cells.push({ image: await draw(context, moved, latentOf(context, row)), marks });
  }
  return cells;
}

const dragSheet = async (context: FigureContext, levels: readonly { readonly level: number; readonly reach: number; readonly rows: number }[], title: string, notes: readonly string[]): Promise<Sheet> => {
  const lines: Sheet['rows'][number][] = [];
  for (const { level, reach, rows: many } of levels) {
    for (let row = 0; row < many; row++) lines.push({ label: levels.length === 1 ? `scene ${row + 1}` : `level ${level}`, cells: await dragRow(context, { row, level, reach }) });
  }
  const legend = levels.map(({ level }) => ({ color: levelColor(level), text: `region of level ${level} that is dragged, and from where` }));
  return { title, notes, groups: [{ columns: ['', '', 'as drawn', '', ''] }], rows: lines, legend, source: context.source };
};

/** Figure 8: drags of level 0; its children follow. */
export const dragFigure: Figure = async (context) => {
  assertSteered(context, '8');
  const sheet = await dragSheet(context, [{ level: 0, reach: 0.22, rows }], 'Dragging a region of level 0', ['To the right, or downwards; regions of finer levels that belong to it follow. Latent code and noise stay.']);
  return [{ name: 'figure-8', sheet }];
};

/** Figure 9: drags of the finer levels alone. */
export const fineDragFigure: Figure = async (context) => {
  assertSteered(context, '9');
  const { levels } = await layoutOf(context, 0);
  if (levels.length < 2) throw new SpatialGANError('CONFIG', `figure 9: expected a model with regions of several levels, ${context.stored.config.name} has one; see figure 10`);
  const fine = levels.slice(1).map((_, i) => ({ level: i + 1, reach: 0.22, rows: 2 }));
  const sheet = await dragSheet(context, fine, 'Dragging regions of finer levels', ['One region of level 1 or 2 moves to the right, or downwards; everything else stays, the region of level 0 too.']);
  return [{ name: 'figure-9', sheet }];
};

/** Figure 10: one region after the other goes elsewhere. */
export const moveFigure: Figure = async (context) => {
  assertSteered(context, '10');
  const offsets = [[-0.25, 0], [0.25, 0], [0, -0.25], [0, 0.25]] as const;
  const lines: Sheet['rows'][number][] = [];
  for (let row = 0; row < rows; row++) {
    const layout = await layoutOf(context, row);
    const region = seenRegion(layout, 0, row);
    const cells: Cell[] = [{ image: await draw(context, layout, latentOf(context, row)), marks: layoutMarks(layout, [0]) }];
    for (const [dx, dy] of offsets) {
      const to = { x: region.center.x + dx, y: region.center.y + dy };
      const moved = moveRegion(layout, region.id, to);
      const arrow = { kind: 'arrow', from: [region.center.x, region.center.y], to: [to.x, to.y], color: levelColor(0) } as const;
      cells.push({ image: await draw(context, moved, latentOf(context, row)), marks: [...layoutMarks(moved, [0]), arrow] });
    }
    lines.push({ label: `scene ${row + 1}`, cells });
  }
  const sheet: Sheet = {
    title: 'Moving an object',
    notes: ['One region of level 0 goes a quarter of the image to each side; latent code, noise and all other regions stay.'],
    groups: [{ columns: ['as drawn', 'left', 'right', 'up', 'down'] }],
    rows: lines, legend: [{ color: levelColor(0), text: 'regions of level 0 (one standard deviation)' }], source: context.source,
  };
  return [{ name: 'figure-10', sheet }];
};

const weights = [1, 0.75, 0.5, 0.25, 0] as const;

/** A region and all that follow it at a weight. */
function faded(layout: HeatmapLayout, region: Region, weight: number): HeatmapLayout {
  const followers = layout.levels.flatMap(({ regions }) => regions).filter(({ id, parentId }) => id === region.id || parentId === region.id);
  return followers.reduce((next, { id, weight: own }) => updateRegion(next, id, { weight: own * weight }), layout);
}

/** Figure 11: a region fades until its object is removed. */
export const removeFigure: Figure = async (context) => {
  assertSteered(context, '11');
  const lines: Sheet['rows'][number][] = [];
  for (let row = 0; row < rows; row++) {
    const layout = await layoutOf(context, row);
    const region = seenRegion(layout, 0, row);
    const cells: Cell[] = [];
    for (const weight of weights) {
      cells.push({ image: await draw(context, faded(layout, region, weight), latentOf(context, row)), marks: [regionMark(region, 0, weight === 0)] });
    }
    lines.push({ label: `scene ${row + 1}`, cells });
  }
  const sheet: Sheet = {
    title: 'Removing an object',
    notes: ['The weight of one region, and of what follows it, falls to 0; latent code and noise stay.'],
    groups: [{ columns: weights.map((weight) => (weight === 1 ? 'as drawn' : `weight ${weight}`)) }],
    rows: lines,
    legend: [{ color: levelColor(0), text: 'the region' }, { color: levelColor(0), text: 'where it was', dashed: true }], source: context.source,
  };
  return [{ name: 'figure-11', sheet }];
};

/** Figure 12: one region takes other codes. Only for models whose regions have codes of their own (SEL_indoor). */
export const restyleFigure: Figure = async (context) => {
  assertSteered(context, '12');
  if (!context.runtime.info.regionStyles) {
    throw new SpatialGANError(
      'CONFIG',
      `figure 12: expected a model whose regions have styles of their own (SEL_indoor, --config indoor/sel), ${context.stored.config.name} encodes places only`,
    );
  }
  const styles = 5;
  const lines: Sheet['rows'][number][] = [];
  for (let row = 0; row < rows; row++) {
    const layout = await layoutOf(context, row);
    const region = seenRegion(layout, 0, row);
    const cells: Cell[] = [{ image: await draw(context, layout, latentOf(context, row)), marks: layoutMarks(layout) }];
    for (let style = 0; style < styles; style++) {
      const restyled = updateRegion(layout, region.id, { style: latentOf(context, 100 + style) });
      cells.push({ image: await draw(context, restyled, latentOf(context, row)), marks: [regionMark(region, 0)] });
    }
    lines.push({ label: `scene ${row + 1}`, cells });
  }
  const sheet: Sheet = {
    title: 'Restyling an object',
    notes: ['One region takes the codes of other latents; all else stays.'],
    groups: [{ columns: ['as drawn', ...Array.from({ length: styles }, (_, s) => `style ${s + 1}`)] }],
    rows: lines, legend: [{ color: levelColor(0), text: 'the region that is restyled' }], source: context.source,
  };
  return [{ name: 'figure-12', sheet }];
};
