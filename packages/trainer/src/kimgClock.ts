/**
 * Tells whether a multiple of `every` was reached on the way from one time to a later one, all in thousands of images.
 *
 * Times lie on one grid from the start of training, so that a resumed run acts when an uninterrupted one would.
 */
export function reachesMultiple(every: number, { from, to }: { readonly from: number; readonly to: number }): boolean {
  const images = (kimg: number): number => Math.round(kimg * 1000);
  const step = Math.max(1, images(every));
  return Math.floor(images(to) / step) > Math.floor(images(from) / step);
}
