import { InvalidArgumentError, Option } from 'commander';
import { backendNames } from './openBackend.js';
import type { Output } from './output.js';

/** Reads a number between two bounds. */
export const numberIn = (min: number, max: number, whole = false) => (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    throw new InvalidArgumentError(`Expected ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}.`);
  }
  return value;
};
/** Reads a whole number between two bounds. */
export const whole = (min: number, max = 1e9) => numberIn(min, max, true);
/** Reads the side of images that networks can have, up to `max`. */
export const powerOfTwo = (max: number) => (text: string): number => {
  const value = Number(text);
  if (!(value >= 8 && value <= max) || !Number.isInteger(Math.log2(value))) throw new InvalidArgumentError(`Expected a power of two from 8 to ${max}, such as 32 or 64.`);
  return value;
};

/** The option that every computing command has. */
export const backendOption = (): Option =>
  new Option('--backend <name>', 'where to compute').choices(backendNames).default('auto');

export const modelHelp = "a run's folder or a model file; default: the bundled model";

/** A help text's last lines: calls that work as they stand. */
export const examples = (...lines: readonly string[]): string =>
  `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  spatialgan ${line}`).join('\n')}`;

/** What a command's definition is given to run with. */
export interface Frame {
  readonly output: Output;
  readonly argv: readonly string[];
  /** Awaits a command and passes its exit code on. */
  readonly run: (task: () => Promise<number>) => Promise<void>;
}
