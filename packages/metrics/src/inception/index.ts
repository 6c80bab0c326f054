export { inceptionConvolutions, type ConvShape } from './architecture.js';
export { inceptionExtractor, inceptionMaps, type InceptionOptions } from './inceptionExtractor.js';
export { disposeInception, loadInception, type FoldedConv, type InceptionWeights, type StateDict } from './loadInception.js';
