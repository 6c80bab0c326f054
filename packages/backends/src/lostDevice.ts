import { engine } from '@tensorflow/tfjs-core';

/** The parts of tfjs's GPU backends that tell of a loss. */
interface GpuBackend {
  readonly device?: { readonly lost: Promise<{ readonly reason: string; readonly message: string }> };
  readonly gpgpu?: { readonly gl: { readonly canvas: EventTarget; isContextLost(): boolean } };
}

const lostBackends = new WeakSet<object>();

/** Resolves to the reason when the device of a tfjs backend is lost; never for backends that compute on the CPU. */
export function lossOfDevice(backend: object): Promise<string> {
  const { device, gpgpu } = backend as GpuBackend;
  const lost: Promise<string> = device
    ? device.lost.then(({ reason, message }) => message || reason)
    : new Promise((resolve) => gpgpu?.gl.canvas.addEventListener?.('webglcontextlost', () => resolve('the WebGL context was lost'), { once: true }));
  return lost.then((reason) => {
    lostBackends.add(backend);
    return reason;
  });
}

/** Forgets a tfjs backend whose device is lost, so that activating it makes a new device. Tensors on the old one are gone. */
export function reviveLostBackend(name: string): void {
  const { registry } = engine();
  // Not `removeBackend`: it frees buffers one by one on the device that is gone, and forgets how to make another.
  if (registry[name] && lostBackends.has(registry[name])) delete registry[name];
}
