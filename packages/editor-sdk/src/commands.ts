import {
  SpatialGANError, addRegion, findRegion, moveRegion, removeRegion, updateRegion, validateLayout,
  type HeatmapLayout, type LatentSpec, type Point, type Region,
} from '@spatialgan/schema';
import type { EditorDocument, NoiseMode } from './document.js';

/** All document changes, as data; extend by declaration merging together with a plugin's reducer. */
export interface EditorCommands {
  /** Children follow by the same offset (§3.2). */
  moveRegion: { readonly id: string; readonly to: Point };
  addRegion: { readonly level: number; readonly region: Region };
  /** Children stay, without a parent. */
  removeRegion: { readonly id: string };
  /** Changes one region alone; with `center`, its children stay where they are. */
  updateRegion: { readonly id: string; readonly patch: RegionPatch };
  setLatent: { readonly latent: LatentSpec };
  setLayout: { readonly layout: HeatmapLayout };
  setTruncation: { readonly psi: number };
  setNoise: { readonly noise: NoiseMode };
  /** A new layout that becomes the original too, with a new latent where one is given. */
  reset: { readonly layout: HeatmapLayout; readonly latent?: LatentSpec };
}
/** Fields of any region kind, `id` and `kind` excepted. */
export type RegionPatch = Partial<Omit<Region, 'id' | 'kind'>>;
export type EditorCommandType = keyof EditorCommands;
export type CommandOf<K extends EditorCommandType> = { readonly type: K } & EditorCommands[K];
export type EditorCommand = { [K in EditorCommandType]: CommandOf<K> }[EditorCommandType];

/** Document before, command → document after; the same document when nothing changes. Pure. */
export type CommandReducer<K extends EditorCommandType> = (document: EditorDocument, command: CommandOf<K>) => EditorDocument;
export type CommandReducers = { readonly [K in EditorCommandType]?: CommandReducer<K> };

const finite = (where: string, ...values: readonly number[]): void => {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new SpatialGANError('LAYOUT', `${where}: expected finite numbers, got ${value}`);
  }
};

const withLayout = (document: EditorDocument, layout: HeatmapLayout): EditorDocument => ({ ...document, layout });

/** Reducers of the built-in commands. @throws SpatialGANError 'LAYOUT' on unknown ids and values out of range. */
export const standardReducers: { readonly [K in EditorCommandType]: CommandReducer<K> } = {
  moveRegion(document, { id, to }) {
    finite('moveRegion', to.x, to.y);
    const center = findRegion(document.layout, id)?.center;
    if (center && center.x === to.x && center.y === to.y) return document;
    return withLayout(document, moveRegion(document.layout, id, to));
  },
  addRegion: (document, { level, region }) =>
    withLayout(document, validateLayout(addRegion(document.layout, level, region))),
  removeRegion: (document, { id }) => withLayout(document, removeRegion(document.layout, id)),
  updateRegion(document, { id, patch }) {
    const before = findRegion(document.layout, id);
    const same = before && Object.entries(patch).every(([key, value]) => before[key as keyof Region] === value);
    return same ? document : withLayout(document, validateLayout(updateRegion(document.layout, id, patch)));
  },
  setLatent: (document, { latent }) => ({ ...document, latent }),
  setLayout: (document, { layout }) => withLayout(document, validateLayout(layout)),
  setTruncation(document, { psi }) {
    finite('setTruncation', psi);
    return psi === document.truncationPsi ? document : { ...document, truncationPsi: psi };
  },
  setNoise: (document, { noise }) => ({ ...document, noise }),
  reset: (document, { layout, latent }) => ({
    ...document, layout: validateLayout(layout), originalLayout: layout, latent: latent ?? document.latent,
  }),
};

/** English names of the built-in commands, for undo menus; faces translate by command type. */
export const commandLabels: Readonly<Record<string, string>> = {
  moveRegion: 'Move region', addRegion: 'Add region', removeRegion: 'Remove region', updateRegion: 'Change region',
  setLatent: 'Change latent', setLayout: 'Change layout', setTruncation: 'Change truncation', setNoise: 'Change noise',
  reset: 'Reset',
};
