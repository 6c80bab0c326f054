import type {
  HeatmapLayout, ModelInfo, Projection, ProjectionProgress, RgbaImage, SpatialGANErrorCode, SynthesisRequest, SynthesizeOptions,
} from '@spatialgan/schema';

/** What a client asks a worker. */
export type WorkerRequest =
  | { readonly id: number; readonly type: 'load'; readonly bytes: ArrayBuffer }
  | { readonly id: number; readonly type: 'sampleLayout'; readonly seed: number }
  | { readonly id: number; readonly type: 'synthesize'; readonly request: SynthesisRequest; readonly quality: SynthesizeOptions['quality'] }
  | { readonly id: number; readonly type: 'attention'; readonly request: SynthesisRequest }
  | { readonly id: number; readonly type: 'project'; readonly photo: RgbaImage; readonly steps: number | undefined }
  | { readonly id: number; readonly type: 'abort'; readonly target: number }
  | { readonly id: number; readonly type: 'dispose' };

/** What comes back from a request that succeeded. */
export interface WorkerResults {
  readonly load: { readonly info: ModelInfo; readonly attention: boolean; readonly project: boolean; readonly backendReason: string };
  readonly sampleLayout: HeatmapLayout;
  readonly synthesize: RgbaImage;
  readonly attention: Readonly<Record<string, RgbaImage>>;
  readonly project: Projection;
  readonly abort: null;
  readonly dispose: null;
}

/** An answer, or a word about how it goes: of loading a text, of a projection its progress. */
export type WorkerResponse =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly code: SpatialGANErrorCode | null; readonly message: string }
  | { readonly id: number; readonly progress: string | ProjectionProgress };

/** The part of a Worker, or of its global scope, that messages need. */
export interface MessageEndpoint {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}
