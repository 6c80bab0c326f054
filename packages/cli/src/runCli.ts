import { isSpatialGANError } from '@spatialgan/core';
import { CommanderError } from 'commander';
import { exitCodeOf } from './exitCodes.js';
import type { Output } from './output.js';
import { createProgram } from './program.js';

function explain(error: unknown, output: Output): void {
  if (error instanceof CommanderError) return; // Commander has said it.
  if (isSpatialGANError(error)) return output.error(`${error.plugin ? `[${error.plugin}] ` : ''}${error.message}`);
  // Our errors say what to do, and a stack would only hide it. Anything else is a defect: show all of it.
  output.error(`unexpected, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

/** Runs one command line (without `node` and the script) and returns its exit code. */
export async function runCli(args: readonly string[], output: Output): Promise<number> {
  let code = 0;
  const program = createProgram(output, (finished) => (code = finished), ['spatialgan', ...args]);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    explain(error, output);
    return exitCodeOf(error);
  }
}
