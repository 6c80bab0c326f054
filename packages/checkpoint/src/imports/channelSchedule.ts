import { refuseTorch } from '../torch/torchValues.js';

/** Channels at resolution r are min(⌊base / r⌋, max). */
export interface ChannelSchedule {
  readonly channelBase: number;
  readonly channelMax: number;
}

/** Resolutions of a network's blocks: 4, 8, …, the image's. */
export function resolutionsUpTo(imgResolution: number): number[] {
  if (!Number.isInteger(Math.log2(imgResolution)) || imgResolution < 8 || imgResolution > 4096) {
    refuseTorch(`images of ${imgResolution} pixels; expected a power of two from 8 to 4096`);
  }
  return Array.from({ length: Math.log2(imgResolution) - 1 }, (_, i) => 4 << i);
}

export const channelsAt = (resolution: number, { channelBase, channelMax }: ChannelSchedule): number => Math.min(Math.floor(channelBase / resolution), channelMax);

const fits = (schedule: ChannelSchedule, channels: ReadonlyMap<number, number>): boolean =>
  [...channels].every(([resolution, count]) => channelsAt(resolution, schedule) === count);

/**
 * The schedule that gives these channels by resolution; the stated one where it does.
 *
 * @throws SpatialGANError 'CHECKPOINT' when none does.
 */
export function scheduleOf(channels: ReadonlyMap<number, number>, stated: { readonly channelBase?: number; readonly channelMax?: number } = {}): ChannelSchedule {
  const channelMax = stated.channelMax ?? Math.max(...channels.values());
  const bases = [stated.channelBase ?? 0, ...[...channels].map(([resolution, count]) => resolution * count).sort((a, b) => b - a)];
  const found = bases.map((channelBase) => ({ channelBase, channelMax })).find((schedule) => schedule.channelBase > 0 && fits(schedule, channels));
  return found ?? refuseTorch(`channels of ${[...channels].map(([r, count]) => `${count} at ${r}`).join(', ')} follow no rule min(base / r, max)`);
}
