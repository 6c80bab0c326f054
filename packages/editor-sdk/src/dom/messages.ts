/** Every word the face shows or speaks; give `mountEditor` another one to translate it. */
export interface EditorMessages {
  readonly editor: string;
  readonly tools: Readonly<Record<string, string>>;
  readonly toolHints: Readonly<Record<string, string>>;
  readonly commands: Readonly<Record<string, string>>;
  readonly toolbar: string;
  readonly undo: string;
  readonly redo: string;
  readonly compare: string;
  readonly overlay: string;
  readonly pixelated: string;
  readonly auto: string;
  readonly autoHint: string;
  readonly generate: string;
  readonly generateHint: string;
  readonly reset: string;
  readonly resetHint: string;
  readonly original: string;
  readonly edited: string;
  readonly outOfDate: string;
  readonly heatmaps: string;
  readonly showLevel: (level: number) => string;
  readonly pickLevel: (level: number) => string;
  readonly level: (level: number) => string;
  readonly resolutions: (resolutions: readonly number[] | 'all') => string;
  readonly region: string;
  readonly regionName: (level: number, number: number) => string;
  readonly regionRole: string;
  readonly regionState: (at: { readonly x: number; readonly y: number; readonly size: number; readonly weight: number }) => string;
  readonly sizeGrip: string;
  readonly size: string;
  readonly strength: string;
  readonly remove: string;
  readonly noSelection: string;
  readonly appearance: string;
  readonly seed: string;
  readonly newSeed: string;
  readonly truncation: string;
  readonly truncationHint: string;
  readonly ready: string;
  readonly loading: string;
  readonly synthesizing: string;
  readonly failed: (reason: string) => string;
  readonly retry: string;
  readonly milliseconds: (value: number) => string;
  readonly undone: (label: string) => string;
  readonly redone: (label: string) => string;
  readonly refused: string;
}

const percent = (value: number): string => `${Math.round(value * 100)} %`;

export const englishMessages: EditorMessages = {
  editor: 'Spatial editor',
  tools: { move: 'Move', resize: 'Resize', fade: 'Fade', add: 'Add', remove: 'Remove' },
  toolHints: {
    move: 'Drag a handle: what belongs to it follows. Hold Alt to move it alone.',
    resize: 'Drag away from a region’s center to widen it. Shift scales width and height apart.',
    fade: 'Drag down to fade a region until its object is gone, up to bring it back.',
    add: 'Press on the image to add a region to the chosen level.',
    remove: 'Press a region to remove it.',
  },
  commands: {},
  toolbar: 'Tools',
  undo: 'Undo', redo: 'Redo',
  compare: 'Compare with the original', overlay: 'Show the heatmap on the image', pixelated: 'Show pixels',
  auto: 'Auto', autoHint: 'Make a new image after every change',
  generate: 'Generate', generateHint: 'Make the image of the present layout',
  reset: 'Reset', resetHint: 'Draw a new layout from the model',
  original: 'Original', edited: 'Edited', outOfDate: 'Out of date: press Generate',
  heatmaps: 'Heatmaps',
  showLevel: (level) => `Show level ${level} on the image`,
  pickLevel: (level) => `Work on level ${level}`,
  level: (level) => `Level ${level}`,
  resolutions: (resolutions) => (resolutions === 'all' ? 'all' : resolutions.map((r) => `${r}×${r}`).join(' ')),
  region: 'Region',
  regionName: (level, number) => `Level ${level}, region ${number}`,
  regionRole: 'movable region',
  regionState: ({ x, y, size, weight }) => `${percent(x)} across, ${percent(y)} down, size ${percent(size)}, strength ${percent(weight)}`,
  sizeGrip: 'Drag to resize',
  size: 'Size', strength: 'Strength', remove: 'Remove',
  noSelection: 'Select a region to change its size and strength.',
  appearance: 'Appearance',
  seed: 'Seed', newSeed: 'New appearance',
  truncation: 'Truncation ψ', truncationHint: 'Low: typical and clean. High: varied and bold.',
  ready: 'Ready', loading: 'Sampling a layout', synthesizing: 'Synthesizing',
  failed: (reason) => `Synthesis failed: ${reason}`,
  retry: 'Try again',
  milliseconds: (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms per image`,
  undone: (label) => `Undone: ${label}`, redone: (label) => `Redone: ${label}`,
  refused: 'This change is not allowed here',
};
