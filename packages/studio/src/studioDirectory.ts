import { fileURLToPath } from 'node:url';

/** Folder of the built page: serve it, with a model beside it as `model.safetensors`. */
export function studioDirectory(): string {
  return fileURLToPath(new URL('../dist/', import.meta.url));
}
