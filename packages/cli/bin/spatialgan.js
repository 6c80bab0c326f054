#!/usr/bin/env node
// The command, in the repository and in an installed package alike. npm links it at install time, when nothing is built yet;
// tsup.config.ts is in the repository only, and there what changed is built first.
import { existsSync } from 'node:fs';

if (existsSync(new URL('../tsup.config.ts', import.meta.url))) {
  const { buildCli } = await import(new URL('../../../scripts/buildCli.mjs', import.meta.url).href);
  buildCli();
}
await import('../dist/main.js');
