import type { ModelRuntime, RgbaImage, SynthesisRequest } from '@spatialgan/schema';
import { type EasingName, easings, encodeGif, encodeSequence, encodeWebm, renderFrames, tween } from '@spatialgan/share';

export type FilmFormat = 'gif' | 'webm' | 'zip';
export interface FilmSettings {
  readonly format: FilmFormat;
  readonly fps: number;
  /** Seconds from one keyframe to the next. */
  readonly seconds: number;
  readonly easing: EasingName;
  readonly back: boolean;
  /** Side in pixels; a multiple of the model's. */
  readonly side: number;
  readonly pixels: boolean;
}
export interface FilmJob {
  readonly keyframes: readonly SynthesisRequest[];
  readonly settings: FilmSettings;
  readonly runtime: ModelRuntime;
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, all: number) => void;
  /** The document, as text: goes into the zip. */
  readonly document: string;
}

export const framesOf = (keyframes: readonly SynthesisRequest[], { fps, seconds, easing, back }: FilmSettings): readonly SynthesisRequest[] =>
  tween(keyframes, { framesPerStep: Math.max(1, Math.round(fps * seconds)), easing: easings[easing], loop: back ? 'back' : 'once' });

export const FILM_TYPES: Readonly<Record<FilmFormat, string>> = { gif: 'image/gif', webm: 'video/webm', zip: 'application/zip' };

/** Makes a film's file. */
export function makeFilm({ keyframes, settings, runtime, signal, onFrame, document }: FilmJob): Promise<Uint8Array<ArrayBuffer>> {
  const requests = framesOf(keyframes, settings);
  const factor = Math.max(1, Math.round(settings.side / runtime.info.imgResolution));
  const frames: AsyncIterable<RgbaImage> = renderFrames(runtime, requests, { factor, scaling: settings.pixels ? 'pixels' : 'smooth', signal });
  const options = { fps: settings.fps, signal, onFrame: (done: number) => onFrame(done, requests.length) };
  if (settings.format === 'webm') return encodeWebm(frames, options);
  return settings.format === 'gif' ? encodeGif(frames, options) : encodeSequence(frames, { ...options, files: { 'document.json': document } });
}
