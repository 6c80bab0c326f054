export { documentFromText, documentToText, type SharedDocument, type SharedModel } from './document.js';
export { enlarge } from './enlarge.js';
export { renderFrames, type FilmOptions, type Frames, type RenderFramesOptions } from './frames.js';
export { encodeGif, type GifOptions } from './gif.js';
export { decodeFragment, encodeFragment } from './link.js';
export { encodePng, readPngDocument } from './png.js';
export { encodeSequence, type SequenceOptions } from './sequence.js';
export { blendLatents, blendLayouts, easings, tween, type Easing, type EasingName, type TweenOptions } from './tween.js';
export { webmCodec, type WebmCodec } from './webmCodec.js';
