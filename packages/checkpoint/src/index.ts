export { type Dtype, type ElementArray } from './dtypes.js';
export { loadFloats, storeFloats, type FloatDtype } from './floats.js';
export { decodeModel, encodeModel, type ModelFile } from './modelFile.js';
export { fromPyTorch, pyTorchEntry, toPyTorch, type PyTorchEntry } from './pytorchNames.js';
export { readSafetensors, writeSafetensors, type SafetensorsFile, type StoredTensor } from './safetensors.js';
export { readBlob, readUrl, type ReadOptions } from './sources.js';
