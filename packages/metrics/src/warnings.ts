import type { MetricWarning, Provenance } from './metricResult.js';

function countWarnings(metric: string, { extractor, counts }: Provenance): readonly MetricWarning[] {
  const dims = extractor?.dims ?? 0;
  const least = Math.min(...Object.values(counts));
  if (metric === 'fid' && least <= dims) {
    const message = `${least} images do not span ${dims} dims: FID is far too high; compare only with figures of the same counts, or use KID`;
    return [{ code: 'SINGULAR_COVARIANCE', message }];
  }
  if (metric === 'fid' && least < 5 * dims) {
    return [{ code: 'FEW_IMAGES', message: `FID of ${least} images in ${dims} dims is biased upwards; compare only with figures of the same counts` }];
  }
  const floor = { kid: 100, precision: 1000, recall: 1000, inceptionScore: 5000 }[metric] ?? 0;
  if (least >= floor) return [];
  return [{ code: 'FEW_IMAGES', message: `${metric} of ${least} images; below ${floor} it says little` }];
}

/** What a reader must know of a figure made from features. */
export function featureWarnings(metric: string, provenance: Provenance, asked: Readonly<Record<string, number>>): readonly MetricWarning[] {
  const { extractor, counts } = provenance;
  const own: MetricWarning = {
    code: 'OWN_EXTRACTOR',
    message: `extractor ${extractor?.name} is not the published one: its figures are comparable only among themselves`,
  };
  const fewer = Object.entries(asked).filter(([role, count]) => (counts[role] ?? 0) < count && count !== Infinity);
  return [
    ...(extractor && !extractor.published ? [own] : []),
    ...countWarnings(metric, provenance),
    ...fewer.map(([role, count]): MetricWarning => ({ code: 'FEWER_THAN_ASKED', message: `asked for ${count} ${role} images, there were ${counts[role]}` })),
  ];
}
