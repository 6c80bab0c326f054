import type { ModelRuntime, SynthesisRequest } from '@spatialgan/schema';
import { type EasingName, easings, renderFrames, tween } from '@spatialgan/share';
import { encodeInWorker } from './encode.js';

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
  readonly scaling: 'smooth' | 'pixels';
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

/** Makes a film's file: the model makes the frames, another Worker enlarges and encodes them. */
export function makeFilm({ keyframes, settings, runtime, signal, onFrame, document }: FilmJob): Promise<Uint8Array<ArrayBuffer>> {
  const { format, fps, scaling, side } = settings;
  const requests = framesOf(keyframes, settings);
  const factor = Math.max(1, Math.round(side / runtime.info.imgResolution));
  return encodeInWorker({ format, factor, scaling, fps, files: { 'document.json': document } }, renderFrames(runtime, requests, { signal }), {
    signal, onFrame: (done) => onFrame(Math.min(done, requests.length), requests.length),
  });
}
