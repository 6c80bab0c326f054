import type { HeatmapLayout, LatentSpec, Point, Region } from '@spatialgan/schema';
import type { EditorDocument, NoiseMode } from './document.js';

/** All document changes, as data; extend by declaration merging together with a plugin's reducer. */
export interface EditorCommands {
  /** Children follow by the same offset (§3.2), except locked ones. */
  moveRegion: { readonly id: string; readonly to: Point };
  /** Moves several by one offset: each once, also when its parent is among them; children follow, except locked ones. */
  moveRegions: { readonly ids: readonly string[]; readonly by: Point };
  addRegion: { readonly level: number; readonly region: Region };
  /** Children stay, without a parent. */
  removeRegion: { readonly id: string };
  /** Changes one region alone; with `center`, its children stay where they are. */
  updateRegion: { readonly id: string; readonly patch: RegionPatch };
  /** Gives a region an appearance of its own (Eq. 4, S_i), or, without `style`, the global one again. */
  restyleRegion: { readonly id: string; readonly style?: LatentSpec };
  setLocked: { readonly ids: readonly string[]; readonly locked: boolean };
  setLatent: { readonly latent: LatentSpec };
  setLayout: { readonly layout: HeatmapLayout };
  setTruncation: { readonly psi: number };
  setNoise: { readonly noise: NoiseMode };
  /** The label of a conditional model; without one, its first class. */
  setLabel: { readonly label?: readonly number[] | undefined };
  /** A new layout that becomes the original too, with a new latent where one is given. */
  reset: { readonly layout: HeatmapLayout; readonly latent?: LatentSpec };
  /** Another document altogether, as one undo step. */
  setDocument: { readonly document: EditorDocument };
}
/** Fields of any region kind, `id` and `kind` excepted. */
export type RegionPatch = Partial<Omit<Region, 'id' | 'kind'>>;
export type EditorCommandType = keyof EditorCommands;
export type CommandOf<K extends EditorCommandType> = { readonly type: K } & EditorCommands[K];
export type EditorCommand = { [K in EditorCommandType]: CommandOf<K> }[EditorCommandType];

/** Document before, command → document after; the same document when nothing changes. Pure. */
export type CommandReducer<K extends EditorCommandType> = (document: EditorDocument, command: CommandOf<K>) => EditorDocument;
export type CommandReducers = { readonly [K in EditorCommandType]?: CommandReducer<K> };

/** English names of the built-in commands, for undo menus; faces translate them. */
export const commandLabels: Readonly<Record<string, string>> = {
  moveRegion: 'Move region', moveRegions: 'Move regions', addRegion: 'Add region', removeRegion: 'Remove region',
  updateRegion: 'Change region', restyleRegion: 'Restyle region', setLocked: 'Lock or unlock', setLatent: 'Change appearance',
  setLayout: 'Change layout', setTruncation: 'Change truncation', setNoise: 'Change noise', setLabel: 'Change class', reset: 'Reset', setDocument: 'Open document',
};
