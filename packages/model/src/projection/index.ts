export { projectPhoto, type ProjectPhotoOptions } from './projectPhoto.js';
export { createLikeness, psnrOf, type Likeness, type LikenessOptions } from './likeness.js';
