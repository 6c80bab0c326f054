import { SpatialGANError } from './errors.js';
import type { HeatmapLayout, Point, Region } from './layout.js';

const fail = (path: string, expected: string, got: unknown): never => {
  throw new SpatialGANError('LAYOUT', `layout${path}: expected ${expected}, got ${describe(got)}`);
};
function describe(value: unknown): string {
  if (typeof value === 'number' || value === null || value === undefined) return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const finite = (value: unknown, path: string): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : fail(path, 'a finite number', value);

function checkPoint(value: unknown, path: string): Point {
  if (!isRecord(value)) return fail(path, 'a point {x, y}', value);
  return { x: finite(value['x'], `${path}.x`), y: finite(value['y'], `${path}.y`) };
}

function checkCovariance(value: unknown, path: string): void {
  if (!Array.isArray(value) || value.length !== 3) return fail(path, '[σxx, σxy, σyy]', value);
  const [xx, xy, yy] = value.map((v, i) => finite(v, `${path}[${i}]`)) as [number, number, number];
  if (!(xx > 0 && yy > 0 && xx * yy - xy * xy > 0)) fail(path, 'a positive definite covariance', value);
}

function checkRegion(value: unknown, path: string, ids: Set<string>): Region {
  if (!isRecord(value)) return fail(path, 'a region', value);
  const { id, kind, weight, parentId } = value;
  if (typeof id !== 'string' || id === '') return fail(`${path}.id`, 'a non-empty string', id);
  if (ids.has(id)) fail(`${path}.id`, 'an id that no other region has', id);
  ids.add(id);
  checkPoint(value['center'], `${path}.center`);
  const height = finite(weight, `${path}.weight`);
  if (height < 0 || height > 1) fail(`${path}.weight`, 'a weight in [0, 1]', weight);
  if (parentId !== undefined && typeof parentId !== 'string') fail(`${path}.parentId`, 'a string', parentId);
  if (typeof kind !== 'string') fail(`${path}.kind`, 'a region kind such as "gaussian"', kind);
  if (kind === 'gaussian') checkCovariance(value['covariance'], `${path}.covariance`);
  return value as unknown as Region;
}

function checkResolutions(value: unknown, path: string): void {
  if (value === 'all') return;
  if (!Array.isArray(value) || value.length === 0) return fail(path, `'all' or a list of resolutions`, value);
  value.forEach((r, i) => {
    if (!Number.isInteger(r) || r < 1) fail(`${path}[${i}]`, 'a resolution in pixels', r);
  });
}

function checkParents(regions: readonly Region[]): void {
  const parentOf = new Map(regions.map((region) => [region.id, region.parentId]));
  for (const { id, parentId } of regions) {
    if (parentId !== undefined && !parentOf.has(parentId)) fail(`: region '${id}'`, 'a parentId of this layout', parentId);
    const seen = new Set([id]);
    for (let at = parentId; at !== undefined; at = parentOf.get(at)) {
      if (seen.has(at)) fail(`: region '${id}'`, 'parents without a cycle', at);
      seen.add(at);
    }
  }
}

/**
 * Checks that an unknown value (parsed JSON) is a {@link HeatmapLayout} and returns it.
 *
 * @throws SpatialGANError 'LAYOUT' naming the first wrong place.
 */
export function validateLayout(value: unknown): HeatmapLayout {
  if (!isRecord(value)) return fail('', 'an object {version, levels}', value);
  if (value['version'] !== 1) fail('.version', '1', value['version']);
  const levels = value['levels'];
  if (!Array.isArray(levels) || levels.length === 0) return fail('.levels', 'at least one level', levels);
  const ids = new Set<string>();
  const regions = levels.flatMap((level: unknown, l) => {
    const path = `.levels[${l}]`;
    if (!isRecord(level)) return fail(path, 'a level {resolutions, regions}', level);
    checkResolutions(level['resolutions'], `${path}.resolutions`);
    const list = level['regions'];
    if (!Array.isArray(list)) return fail(`${path}.regions`, 'a list of regions', list);
    return list.map((region: unknown, i) => checkRegion(region, `${path}.regions[${i}]`, ids));
  });
  checkParents(regions);
  return value as unknown as HeatmapLayout;
}
