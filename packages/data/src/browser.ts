export { decodeImageBlob, imageFilesDataset, type BlobFit, type ImageFilesDataset, type ImageFilesOptions } from './imageFiles.js';
