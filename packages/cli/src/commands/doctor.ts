import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { bundledModelPath } from '../openModel.js';
import type { Output } from '../output.js';
import { packageVersion } from '../packageVersion.js';
import { type ProbeFinding, probeBackends, probeInChild } from '../probeBackends.js';
import { studioDir } from '../studio.js';

export interface DoctorOptions {
  /** Only tries the backends and writes findings as JSON lines: what doctor runs as its own child. */
  readonly probe?: boolean;
}

const inWords = (finding: ProbeFinding): string => {
  if ('auto' in finding) return `auto picks ${finding.auto}: ${finding.reason}`;
  return `backend ${finding.name}: ${finding.reason === null ? 'available' : `not available: ${finding.reason}`}`;
};

/** Reports versions, every backend with the reason if it does not run, and what is missing. Exit code 1 when nothing can train. */
export async function doctor({ probe = false }: DoctorOptions, output: Output): Promise<number> {
  if (probe) {
    await probeBackends((finding) => output.info(JSON.stringify(finding)));
    return 0;
  }
  output.info(`node ${process.versions.node} on ${process.platform}-${process.arch}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`);
  const ofData = createRequire(import.meta.url).resolve('@spatialgan/data/package.json');
  for (const name of ['@tensorflow/tfjs-core', 'webgpu']) output.info(`${name} ${packageVersion(name, import.meta.url)}`);
  for (const name of ['sharp', '@resvg/resvg-js']) output.info(`${name} ${packageVersion(name, ofData)}`);
  const findings: ProbeFinding[] = [];
  const crash = await probeInChild((finding) => {
    findings.push(finding);
    output.info(inWords(finding));
  });
  if (crash !== undefined) output.warn(`trying the next backend ended with ${crash}`);
  const [model, studio] = [bundledModelPath(), studioDir()];
  output.info(`bundled model: ${model ?? 'missing; train one or reinstall'}`);
  output.info(`studio: ${studio ?? "missing; build it with 'npm run build'"}`);
  return findings.some((finding) => 'auto' in finding && finding.training) ? 0 : 1;
}
