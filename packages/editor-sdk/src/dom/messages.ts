type Words = Readonly<Record<string, string>>;

/**
 * Every word the face shows or speaks, as plain data; `{names}` are filled in.
 *
 * Give `mountEditor` others, or some others, to translate it. Missing tools, hints and steps show what their authors called them.
 */
export interface EditorMessages {
  readonly language: string;
  readonly editor: string;
  readonly tools: Words;
  readonly toolHints: Words;
  /** Names of undo steps, by their English names. */
  readonly steps: Words;
  /** Why a change was refused, by plugin. */
  readonly refusals: Words;
  /** Keys and what they do. */
  readonly keys: Words;
  readonly text: Readonly<Record<keyof typeof englishText, string>>;
}

const englishText = {
  toolbar: 'Tools', show: 'Show', history: 'History', undo: 'Undo', redo: 'Redo', step: '{action}: {step}', start: 'Start',
  compare: 'Original beside edited', wipe: 'Wipe between original and edited', wipePosition: 'Wipe',
  overlay: 'Heatmap on the image', attention: 'What the discriminator looks at', pixelated: 'Hard pixels', snap: 'Snap to lines and regions',
  auto: 'Auto', autoHint: 'Make a new image after every change',
  generate: 'Generate', generateHint: 'Make the image of the present layout', reset: 'Reset', resetHint: 'Draw a new layout from the model',
  original: 'Original', edited: 'Edited', outOfDate: 'Out of date: press Generate',
  heatmaps: 'Heatmaps', showLevel: 'Show level {level} on the image', pickLevel: 'Work on level {level}', level: 'Level {level}', allResolutions: 'all',
  region: 'Region', regions: '{count} regions', regionName: 'Level {level}, region {number}', regionRole: 'movable region',
  regionState: '{x} across, {y} down, size {size}, strength {strength}', turned: 'turned {angle}', isLocked: 'locked', ownStyle: 'own appearance',
  gripSize: 'Drag to resize', gripWidth: 'Drag to lengthen', gripHeight: 'Drag to widen', gripRotate: 'Drag to rotate',
  size: 'Size', stretch: 'Stretch', angle: 'Angle', strength: 'Strength', lock: 'Lock', unlock: 'Unlock', duplicate: 'Duplicate', remove: 'Remove',
  noSelection: 'Select a region to change it; Shift selects several.', selected: '{names} selected', nothingSelected: 'Nothing selected',
  regionStyle: 'Own appearance', restyle: 'Restyle', blend: 'Blend with the whole', globalStyle: 'As the whole',
  appearance: 'Appearance', class: 'Class', classNumber: 'Class {number}', mixedClass: 'Mixed', seed: 'Seed', newSeed: 'New appearance', truncation: 'Truncation ψ', truncationHint: 'Low: typical and clean. High: varied and bold.',
  noise: 'Noise', noiseConst: 'Fixed', noiseNone: 'None', noiseSeed: 'By seed', noiseSeedValue: 'Noise seed',
  latentGallery: 'Same layout, other appearances', layoutGallery: 'Same appearance, other layouts', fill: 'Make variations', useItem: 'Use variation {number}, seed {seed}',
  keyboard: 'Keyboard',
  ready: 'Ready', loading: 'Sampling a layout', synthesizing: 'Synthesizing', preview: 'Preview', failed: 'Synthesis failed: {reason}', retry: 'Try again',
  milliseconds: '{value} ms per image', undone: 'Undone: {step}', redone: 'Redone: {step}', readOnly: 'Read only',
};

/** The face in English; complete, and what other languages are measured by. */
export const englishMessages: EditorMessages = {
  language: 'en',
  editor: 'Image editor',
  tools: {
    move: 'Move', select: 'Select', resize: 'Resize', rotate: 'Rotate', fade: 'Fade', add: 'Add', duplicate: 'Duplicate', restyle: 'Restyle',
    lock: 'Lock', remove: 'Remove',
  },
  toolHints: {
    move: 'Drag a region; what belongs to it follows. With Alt it moves alone. Pinch to resize, twist to rotate.',
    select: 'Draw a rectangle around regions. Shift adds.',
    resize: 'Drag away from a region to widen it. Shift scales length and breadth apart.',
    rotate: 'Drag around a region to turn it. Shift turns in steps of 15°.',
    fade: 'Drag down to fade a region until its object is gone, up to bring it back.',
    add: 'Press on the image to add a region to the chosen level.',
    duplicate: 'Press a region to copy it.',
    restyle: 'Press a region to give it another appearance.',
    lock: 'Press a region to keep it as it is.',
    remove: 'Press a region to remove it.',
  },
  steps: {},
  refusals: {
    readOnly: 'This editor is read only', lock: 'This region is locked', capacity: 'This level is full: remove a region first', other: 'This change is not allowed here',
  },
  keys: {
    'Tab': 'next region', '← ↑ → ↓': 'move; Shift in strides, Alt alone', '+ −': 'larger, smaller', '[ ]': 'rotate', '{ }': 'stretch', ', .': 'fade, strengthen',
    'Space': 'select this one too', 'Ctrl A': 'select all', 'Ctrl D': 'duplicate', 'Ctrl Shift L': 'lock', 'Delete': 'remove', 'Enter': 'use the tool on the selection',
    'Ctrl Z, Ctrl Y': 'undo, redo', 'Esc': 'cancel, select nothing',
  },
  text: englishText,
};
