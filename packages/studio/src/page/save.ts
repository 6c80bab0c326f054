import { element } from './element.js';

/** Offers bytes as a download. */
export function save(bytes: BlobPart, name: string, type: string): void {
  const link = element('a', { href: URL.createObjectURL(new Blob([bytes], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
