import { engine } from '@tensorflow/tfjs-core';

const [GROUPS, THREADS, STEPS, CHAINS] = [2048, 256, 512, 8];

/** Eight independent chains of four multiply-adds each, in registers alone. */
const CODE = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(0.999 + f32(id.x) * 1e-9);
  let b = vec4f(1e-6);
  ${Array.from({ length: CHAINS }, (_, k) => `var c${k} = vec4f(f32(id.x % 7u + ${k}u));`).join('\n  ')}
  for (var i = 0; i < ${STEPS}; i++) { ${Array.from({ length: CHAINS }, (_, k) => `c${k} = fma(c${k}, a, b);`).join(' ')} }
  let sum = ${Array.from({ length: CHAINS }, (_, k) => `c${k}`).join(' + ')};
  if (sum.x + sum.y + sum.z + sum.w == 12345.678) { out[id.x % 4u] = sum.x; } // never, but the compiler cannot know
}`;

/** Operations a second that multiply-adds in registers reach on tfjs's device, in GFLOP/s: the best of several runs. */
export async function gpuPeak(rounds: number, groups: number = GROUPS): Promise<number> {
  const { device } = engine().backend as unknown as { readonly device: GpuDeviceLike };
  const module = device.createShaderModule({ code: CODE });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const buffer = device.createBuffer({ size: 16, usage: 128 });
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer } }] });
  let best = Infinity;
  for (let round = 0; round <= rounds; round++) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groups);
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    if (round > 0) best = Math.min(best, performance.now() - start);
  }
  buffer.destroy();
  return (2 * 4 * CHAINS * STEPS * THREADS * groups) / best / 1e6;
}

interface GpuDeviceLike {
  readonly queue: { submit(buffers: readonly object[]): void; onSubmittedWorkDone(): Promise<void> };
  createShaderModule(descriptor: object): object;
  createComputePipeline(descriptor: object): { getBindGroupLayout(index: number): object };
  createBuffer(descriptor: object): { destroy(): void };
  createBindGroup(descriptor: object): object;
  createCommandEncoder(): {
    beginComputePass(): { setPipeline(p: object): void; setBindGroup(i: number, g: object): void; dispatchWorkgroups(n: number): void; end(): void };
    finish(): object;
  };
}
