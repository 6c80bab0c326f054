export { type Dtype, type ElementArray } from './dtypes.js';
export { loadFloats, storeFloats, type FloatDtype } from './floats.js';
export { importModel, type ImportedFamily, type ImportedModel, type ImportOptions } from './imports/importModel.js';
export {
  type ImportedActivation, type ImportedArchitecture, type ImportedConfig, type ImportedDiscriminator, type ImportedGenerator, type ImportedMapping,
} from './imports/importedConfig.js';
export { decodeModel, encodeModel, type ModelFile } from './modelFile.js';
export { type PickleLimits } from './pickle/pickleBudget.js';
export { type PickleGlobal, type PickleGlobals, type PickleInstance } from './pickle/pickleValues.js';
export { readPickle, type ReadPickleOptions } from './pickle/readPickle.js';
export { fromPyTorch, pyTorchEntry, toPyTorch, type PyTorchEntry } from './pytorchNames.js';
export { readSafetensors, writeSafetensors, type SafetensorsFile, type StoredTensor } from './safetensors.js';
export { readBlob, readUrl, type ReadOptions } from './sources.js';
export { readStateDict } from './torch/readStateDict.js';
export { readTorch, type TorchFile, type TorchFormat } from './torch/readTorch.js';
export { type PersistentObject, type TorchStorage, type TorchTensor } from './torch/torchValues.js';
export { type ZipLimits } from './torch/torchZip.js';
