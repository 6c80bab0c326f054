import { isSpatialGANError } from '@spatialgan/core';
import { CommanderError } from 'commander';

/** What a command's exit code means, for `--help`. */
export const exitCodes = 'Exit codes: 0 done, 1 failed, 2 wrong options, 130 stopped by Ctrl-C, 143 stopped by SIGTERM (both after saving).';

/** The exit code of an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  // Commander throws for --help and --version too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return isSpatialGANError(error) && error.code === 'CONFIG' && !error.plugin ? 2 : 1;
}
