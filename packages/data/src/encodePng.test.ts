import { expect, test } from 'vitest';
import { decodeImage } from './decodeImage.js';
import { encodePng } from './encodePng.js';

test('pixels come back from the PNG as they were', async () => {
  const pixels = Uint8Array.from({ length: 5 * 5 * 3 }, (_, i) => (i * 37) % 256);
  const file = await encodePng({ pixels, width: 5, height: 5 });
  expect(await decodeImage(file, { resolution: 5, fit: 'fill' })).toEqual(pixels);
  await expect(encodePng({ pixels, width: 5, height: 4 })).rejects.toThrow(/expected 60 bytes for 5×4 RGB, got 75/);
});
