/** What decides a run: all of it is kept with the run. */
export interface RunSettings {
  readonly seed: number;
  /** Most channels of a layer. */
  readonly channelMax: number;
  readonly batch: number;
  /** Thousands of images to show in all. */
  readonly kimg: number;
  readonly mirror: boolean;
}

/** Where to compute, when the address says so (`?backend=wasm`); otherwise the best that works. */
export type Wanted = 'webgpu' | 'wasm' | undefined;

/** From the page to the Worker. */
export type Order =
  | { readonly type: 'start'; readonly settings: RunSettings; readonly images: readonly Uint8Array[]; readonly wanted: Wanted }
  | { readonly type: 'resume'; readonly wanted: Wanted }
  | { readonly type: 'pause' }
  | { readonly type: 'continue' }
  | { readonly type: 'export' };

/** Losses at a point of the run. */
export interface Tick {
  readonly kimg: number;
  readonly losses: Readonly<Record<string, number>>;
}

/** From the Worker to the page. */
export type News =
  | { readonly type: 'ready'; readonly backend: string; readonly settings: RunSettings; readonly ticks: readonly Tick[] }
  | { readonly type: 'step'; readonly step: number; readonly kimg: number; readonly imagesPerSecond: number }
  | { readonly type: 'tick'; readonly tick: Tick }
  | { readonly type: 'sheet'; readonly step: number; readonly pixels: Uint8Array; readonly width: number; readonly height: number; readonly columns: readonly string[] }
  | { readonly type: 'kept'; readonly kimg: number }
  | { readonly type: 'resting'; readonly finished: boolean }
  | { readonly type: 'model'; readonly bytes: Uint8Array }
  | { readonly type: 'error'; readonly message: string };
