import type { RgbaImage } from '@spatialgan/schema';

/** Offers an image as a PNG of its own size for download. */
export function saveImage({ pixels, width, height }: RgbaImage, name: string): void {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  canvas.toBlob((blob) => {
    if (!blob) return;
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, 'image/png');
}
