/** Encoded image files by name, wherever they lie. */
export interface ImageSource {
  /** How messages call it: the folder or file the user gave. */
  readonly name: string;
  /** Names of the image files, '/' between folders, sorted by code point. */
  readonly files: readonly string[];
  read(file: string): Promise<Uint8Array>;
  /** The text of dataset.json, when there is one. */
  readonly datasetJson: string | undefined;
  dispose(): void;
}

const images = /\.(png|jpe?g|webp)$/i;

/** Tells whether a file counts as an image by its name; hidden files and macOS resource forks do not. */
export function isImageName(name: string): boolean {
  return images.test(name) && !name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

/** Sorted by code point, so that every machine sees the same order. */
export function sortNames(names: readonly string[]): readonly string[] {
  return [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
