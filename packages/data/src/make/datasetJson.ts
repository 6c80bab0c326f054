import type { DatasetRecords } from './datasetRecords.js';
import { imageName, type JournalLine } from './makeJournal.js';

/** A list of [image, value], one a line so that people and diffs can read it. */
const listed = (pairs: readonly (readonly [string, unknown])[]): string => `[\n${pairs.map((pair) => JSON.stringify(pair)).join(',\n')}\n]`;
const members = (all: readonly (readonly [string, string])[]): string => `{${all.map(([name, json]) => `${JSON.stringify(name)}: ${json}`).join(', ')}}\n`;

/**
 * StyleGAN2-ADA's dataset.json, with what its readers skip: the names of the classes and the licences.
 *
 * `kept` are the records' numbers in the order of their images.
 */
export function datasetJson(records: DatasetRecords, kept: readonly number[]): string {
  const { classes, licences = [] } = records;
  const label = records.label?.bind(records);
  return members([
    ['labels', label ? listed(kept.map((index, i) => [imageName(i), label(index)])) : 'null'],
    ...(classes ? [['classes', JSON.stringify(classes)] as const] : []),
    ...(licences.length > 0 ? [['licences', JSON.stringify(licences)] as const] : []),
  ]);
}

/** What the pixels of the masks number, image by image. */
export function masksJson({ maskFacts }: DatasetRecords, lines: readonly JournalLine[]): string {
  const kept = lines.filter(({ files }) => files);
  const facts = Object.entries((maskFacts ?? {}) as Record<string, unknown>).map(([name, value]) => [name, JSON.stringify(value)] as const);
  return members([...facts, ['images', listed(kept.map(({ objects }, i) => [imageName(i), objects ?? []]))]]);
}
