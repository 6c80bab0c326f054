export { batchStream, type Batch, type BatchCursor, type BatchStream, type BatchStreamOptions } from './batchStream.js';
export { cachedDataset } from './cachedDataset.js';
export { type ImageDataset } from './imageDataset.js';
export { limitDataset } from './limitDataset.js';
export { memoryDataset, type MemoryDatasetOptions } from './memoryDataset.js';
export { type ResizeFilter } from './resize/filters.js';
export { type ByteImage, resizeImage, type ResizeOptions, resizeToFloat } from './resize/resizeImage.js';
