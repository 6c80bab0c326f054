import { SpatialGANError } from '@spatialgan/core';

/** How the number of channels falls with the resolution. */
export interface ChannelSchedule {
  /** Channels at resolution r are `channelBase / r`, up to `channelMax`. */
  readonly channelBase: number;
  /** Upper bound of the channels of any layer. */
  readonly channelMax: number;
}

/** Channels of the features at a resolution: min(channelBase / r, channelMax), rounded down. */
export function channelsAt(resolution: number, { channelBase, channelMax }: ChannelSchedule): number {
  return Math.min(Math.floor(channelBase / resolution), channelMax);
}

/** Resolutions of the blocks of a network for images of this size: 4, 8, …, imgResolution. */
export function blockResolutions(imgResolution: number): readonly number[] {
  const resolutions: number[] = [];
  for (let r = 4; r <= imgResolution; r *= 2) resolutions.push(r);
  return resolutions;
}

/** Refuses sizes that no stack of ×2 blocks over 4×4 reaches, and empty layers. */
export function checkResolution(where: string, imgResolution: number, schedule: ChannelSchedule, min: number): void {
  if (!Number.isInteger(Math.log2(imgResolution)) || imgResolution < min) {
    throw new SpatialGANError('CONFIG', `${where}: expected imgResolution to be a power of two ≥ ${min}, got ${imgResolution}`);
  }
  if (!(channelsAt(imgResolution, schedule) >= 1)) {
    throw new SpatialGANError(
      'CONFIG',
      `${where}: channelBase ${schedule.channelBase} leaves no channel at ${imgResolution}×${imgResolution}; ` +
        `it must be at least ${imgResolution}`,
    );
  }
}
