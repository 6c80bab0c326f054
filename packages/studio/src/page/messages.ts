type Words = Readonly<Record<string, string>>;

/** Every word of the page around the editor, as plain data like the editor's own messages; `{names}` are filled in. */
export interface StudioMessages {
  /** A language tag; also names the editor's messages. */
  readonly language: string;
  /** The language's name in itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  readonly text: Readonly<Record<TextKey, string>>;
  /** What opening a model and undo steps are called elsewhere in English. */
  readonly phrases: Words;
  /** Keys and what they do: on the image, and everywhere. */
  readonly imageKeys: Words;
  readonly pageKeys: Words;
}
export type TextKey = keyof typeof englishText;

const englishText = {
  description: 'Drag what a GAN has learned: move, resize, fade and add its objects.',
  models: 'Models', modelsTitle: 'Choose a model', photo: 'Photo', photoTitle: 'Start from a photo (P)', pin: 'Pin', pinTitle: 'Pin this moment as a keyframe (K)',
  share: 'Share', shareTitle: 'Copy a link to this image', export: 'Export', exportTitle: 'Save images, films, layouts (E)', helpTitle: 'Help and settings (?)', themeTitle: 'Light or dark',
  firstHint: 'Drag a coloured dot: its object moves along', opening: 'Opening the model', chooseAnother: 'Choose another model', drop: 'Drop a model, a layout, a saved image or a photo',
  progress: 'Progress', file: 'File', close: 'Close', cancel: 'Cancel', save: 'Save', onServer: '{backend} on the server',
  lost: 'The model was lost; opening it again. Your edit is safe.', recovered: 'The model is back.', couldNotOpen: 'Could not open {name}',
  linkCopied: 'Link copied: it carries the whole edit, and no server sees it.', linkInBar: 'The link is in the address bar: it carries the whole edit.',
  pinned: 'Pinned moment {count}; Export makes a film of them.', otherFile: 'This was made with another file of the model “{name}”; the image will differ.',
  otherModel: 'This was made with the model “{name}”; the image will differ.',
  askTitle: 'Load the link’s model?', askText: 'This link was made with the model “{name}” at {host}.', askYes: 'Load it',
  reading: 'Reading {name}', connecting: 'Connecting to the server', megabytes: '{come} MB', megabytesOf: '{come} of {total} MB',
  address: 'Address of a model file', openAddress: 'Open address', openFile: 'Open a file…',
  modelsNote: 'Model files are .safetensors from “spatialgan export” or “spatialgan convert”. What you open is kept in this browser and opens without a network the next time.',
  forget: 'Forget {name}', withPage: 'With this page', atServer: 'On the server', recent: 'Recent', inBrowser: 'in this browser', computedThere: 'computed there',
  format: 'Format', png: 'Image', pngDetail: 'PNG, with the layout inside: drop it here to go on', gif: 'GIF', gifDetail: 'The drag as a loop for anywhere',
  webm: 'WebM', webmDetail: 'The drag as a film, small and smooth', zip: 'Frames', zipDetail: 'The drag as PNG files in a zip', json: 'Layout', jsonDetail: 'JSON: layout, latent, settings',
  keyframes: 'Keyframes', ends: 'Original → edited', edits: 'Every edit', pins: 'Pinned moments', between: 'Between two', seconds: '{value} s', fps: 'Frames a second',
  easing: 'Easing', easeInOut: 'Slow at both ends', easeOut: 'Slow at the end', linear: 'Even', back: 'And back, so that it loops',
  size: 'Size', ownSize: '{side} (the model’s own)', scaling: 'Scaling', smooth: 'Smooth', pixels: 'Hard pixels',
  pinnedMoment: 'Pinned moment {number}', removePin: 'Remove pinned moment {number}', frames: '{count} frames, {seconds} s', framesDone: 'Frame {done} of {count}',
  noPins: 'Pin two moments or more: edit, press Pin, edit on, press Pin again.', noEdits: 'Nothing has been edited yet: drag something first.', noWebm: 'This browser cannot encode WebM',
  photoDialog: 'Start from a photo', noImage: 'This file is no image that the browser can read; take a PNG, JPEG or WebP.', photoWanted: 'The photo as the model sees it', photoMade: 'The model’s image',
  effort: 'Effort', quick: 'Quick', good: 'Good', best: 'Best', choosePhoto: 'Choose a photo', photoStays: 'or drop or paste one: it stays on this machine', photoGoes: 'or drop or paste one: it goes to your server, and no further',
  model: 'Model', another: 'Another photo', find: 'Find it', editThis: 'Edit this',
  photoNote: 'The model looks for the image most like yours among those it can make: faces like the ones it was trained on come out best.',
  frameIt: 'Frame it as the model’s own images are framed.', lookingForStart: 'Looking for a start', step: 'Step {step} of {steps}, {psnr} dB alike', found: 'Found: {psnr} dB alike',
  noGradients: 'This model’s runtime cannot compute gradients, which a photo needs.', crop: 'Part of the photo: drag or use the arrows to move, + and - to zoom', zoom: 'Zoom',
  help: 'Help', language: 'Language', theme: 'Colours', auto: 'As the system', light: 'Light', dark: 'Dark', contrast: 'High contrast', onImage: 'On the image', everywhere: 'Everywhere',
  helpText: 'The model has learned, by itself, that some places of an image belong together. Each coloured dot is such a place: drag it, and what stands there moves along. Level 0 is the whole thing; levels 1 and 2 are its parts.',
  helpPrivate: 'Models are computed in this browser, or, where a server offers its own, there; nothing that you open goes anywhere else.',
  helpNote: 'Keys of the tools stand in their tooltips. SpatialGAN follows “Spatial Steerability of GANs via Self-Supervision from Discriminator” (Wang et al.).',
};

/** The page in English; complete, and what other languages are measured by. */
export const englishMessages: StudioMessages = {
  language: 'en', name: 'English', direction: 'ltr', text: englishText, phrases: {},
  imageKeys: {
    'Drag': 'move a region; what belongs to it follows', 'Alt + drag': 'move it alone', 'Tab': 'go to the next region', '← ↑ → ↓': 'move it; with Shift in strides, with Alt alone',
    '+, −': 'make it larger, smaller', 'Pinch': 'the same, with two fingers', 'Delete': 'remove it', 'Esc': 'take a drag back',
  },
  pageKeys: {
    'Ctrl Z, Ctrl Y': 'undo, redo', 'K': 'pin this moment as a keyframe', 'E': 'export', 'P': 'start from a photo', 'Ctrl S': 'save the image', 'Ctrl O': 'open a model', '?': 'this page',
  },
};
