import { SpatialGANError } from '@spatialgan/core';
import { metricNames, type MetricName } from './evaluateModel.js';

/** 'fid,kid' → ['fid', 'kid']; 'all' → those that need no further file. */
export function parseMetrics(text: string): readonly MetricName[] {
  const names = text === 'all' ? metricNames.filter((name) => name !== 'is') : text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !metricNames.includes(name as MetricName));
  if (unknown !== undefined) throw new SpatialGANError('CONFIG', `--metrics: expected some of ${metricNames.join(',')}, or all, got '${unknown}'`);
  return [...new Set(names as readonly MetricName[])];
}
