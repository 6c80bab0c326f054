#!/usr/bin/env node
import { isSpatialGANError } from '@spatialgan/core';
import { terminal } from './output.js';
import { createProgram } from './program.js';

try {
  const args = process.argv.slice(2);
  await createProgram(terminal, (code) => (process.exitCode = code), ['spatialgan', ...args]).parseAsync(process.argv);
} catch (error) {
  // Errors of ours say what to do; a stack would only hide it. Anything else is a defect: show all of it.
  if (isSpatialGANError(error)) process.stderr.write(`error: ${error.plugin ? `[${error.plugin}] ` : ''}${error.message}\n`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
