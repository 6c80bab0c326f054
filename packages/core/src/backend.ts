/** What a backend can do once it is active. */
export interface BackendCapabilities {
  /** Every kernel that the gradients need is there. */
  readonly training: boolean;
  /** false on WebGPU: read with `await x.data()`. */
  readonly syncRead: boolean;
  readonly floatBits: 16 | 32;
  readonly maxBufferBytes: number;
}

/** One per tfjs backend, each in its own entry point: '@spatialgan/backends/webgpu'. */
export interface Backend {
  /** The tfjs backend name. */
  readonly name: string;
  /** null when it can run here, else the reason why not, for `doctor` and error messages. */
  unsupportedReason(): Promise<string | null>;
  /** Loads the tfjs package, registers our kernels and gradients, makes it current. */
  activate(): Promise<BackendCapabilities>;
}
