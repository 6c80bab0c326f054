import { SpatialGANError } from '@spatialgan/core';
import type { GpuDevice, GpuObject, GpuPipeline, GpuShader } from './gpuTypes.js';

/** A compute shader with the entry point `main`; a label belongs to one code. */
export interface Program {
  readonly label: string;
  /** WGSL, made when it is compiled. */
  readonly code: () => string;
}

/** A compiled program and the layout of its bindings. */
export interface Compiled {
  readonly pipeline: GpuPipeline;
  readonly layout: GpuObject;
}

/** The compiled programs of a device. */
export interface Pipelines {
  /** Compiles at the first use. */
  get(program: Program): Compiled;
  /** Looks for errors in programs, which is quick. @throws SpatialGANError 'BACKEND_UNSUPPORTED' with the compiler's message. */
  check(programs: readonly Program[]): Promise<void>;
  /** Compiles programs side by side, before they are used. @throws SpatialGANError 'BACKEND_UNSUPPORTED' with the driver's message. */
  warm(programs: readonly Program[]): Promise<void>;
}

const failure = (label: string, message: string, cause?: unknown): SpatialGANError =>
  new SpatialGANError('BACKEND_UNSUPPORTED', `webgpu: the kernel ${label} does not compile here: ${message}`, { cause });

/** Keeps what a promise will give, by label, so that nothing is done twice. */
function onceEach(work: (program: Program) => Promise<void>): (programs: readonly Program[]) => Promise<void> {
  const begun = new Map<string, Promise<void>>();
  return async (programs) => {
    for (const program of programs) if (!begun.has(program.label)) begun.set(program.label, work(program));
    await Promise.all(programs.map(({ label }) => begun.get(label)));
  };
}

/** Keeps a device's pipelines: they are lost with the device. */
export function createPipelines(device: GpuDevice): Pipelines {
  const modules = new Map<string, GpuShader>();
  const compiled = new Map<string, Compiled>();
  const moduleOf = ({ label, code }: Program): GpuShader => {
    let module = modules.get(label);
    if (!module) modules.set(label, module = device.createShaderModule({ label, code: code() }));
    return module;
  };
  const keep = (label: string, pipeline: GpuPipeline): Compiled => {
    const entry = { pipeline, layout: pipeline.getBindGroupLayout(0) };
    compiled.set(label, entry);
    return entry;
  };
  const describe = (program: Program) =>
    ({ label: program.label, layout: 'auto', compute: { module: moduleOf(program), entryPoint: 'main' } }) as const;
  const check = async (program: Program): Promise<void> => {
    device.pushErrorScope('validation'); // else the error would be reported as one that nobody caught
    const module = moduleOf(program);
    await device.popErrorScope();
    const found = (await module.getCompilationInfo()).messages.find(({ type }) => type === 'error');
    if (found) throw failure(program.label, `line ${found.lineNum}: ${found.message}`);
  };
  const warm = async (program: Program): Promise<void> => {
    try {
      const pipeline = await device.createComputePipelineAsync(describe(program));
      if (!compiled.has(program.label)) keep(program.label, pipeline);
    } catch (error) {
      throw failure(program.label, (error as Error).message, error);
    }
  };
  return {
    get: (program) => compiled.get(program.label) ?? keep(program.label, device.createComputePipeline(describe(program))),
    check: onceEach(check),
    warm: onceEach(warm),
  };
}
