import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type Sharp from 'sharp';

// The decoder under test is the data package's; the command line has none of its own.
const sharp = createRequire(createRequire(import.meta.url).resolve('@spatialgan/data/package.json'))('sharp') as typeof Sharp;

const sizes = [[16, 16], [40, 25], [13, 31], [1, 1], [64, 9]] as const;

/** One picture, deterministic, of its own size and aspect ratio. */
async function picture(index: number): Promise<Buffer> {
  const [width, height] = sizes[index % sizes.length]!;
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (index * 37 + (i % 3) * 80 + (i % (width * 3)) * 2) % 256;
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  if (index % 7 === 3) return image.greyscale().jpeg().toBuffer();
  if (index % 7 === 4) return image.toColourspace('cmyk').jpeg().toBuffer();
  if (index % 7 === 5) return image.withMetadata({ orientation: 6 }).jpeg().toBuffer();
  if (index % 7 === 6) return image.webp().toBuffer();
  return index % 7 === 2 ? image.png().toBuffer() : image.jpeg().toBuffer();
}

const extension = (index: number): string => (index % 7 === 6 ? 'webp' : index % 7 === 2 ? 'png' : index % 2 === 0 ? 'jpg' : 'JPEG');

/** Fills a folder, some of it in a folder inside, with pictures that decode. */
export async function writePictures(dir: string, count: number): Promise<void> {
  await mkdir(join(dir, 'inside'), { recursive: true });
  for (let i = 0; i < count; i++) await writeFile(join(dir, i % 3 === 0 ? 'inside' : '', `${i}.${extension(i)}`), await picture(i));
}

/** Adds a cut-off JPEG, a text and nothing under the names of pictures. */
export async function writeBadPictures(dir: string): Promise<void> {
  const whole = await sharp(Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i) % 251)), { raw: { width: 64, height: 64, channels: 3 } }).jpeg().toBuffer();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'cut.jpg'), whole.subarray(0, whole.length * 0.6));
  await writeFile(join(dir, 'text.jpg'), 'no picture');
  await writeFile(join(dir, 'empty.png'), '');
}
