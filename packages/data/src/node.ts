export { avatarLicences, avatars, type AvatarDataset, type AvatarPlacement, type AvatarsOptions } from './avatars.js';
export { decodeImage, type ImageFit } from './decodeImage.js';
export { encodePng } from './encodePng.js';
export { type BadFile, type FileDataset, type FileDatasetOptions } from './fileDataset.js';
export { folderDataset, type FolderDatasetOptions } from './folderDataset.js';
export { zipDataset } from './zipDataset.js';
