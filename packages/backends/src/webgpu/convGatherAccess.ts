import type { Arithmetic } from './convArithmetic.js';
import { EPILOGUE_FLOATS, EPILOGUE_INTS, EPILOGUE_TYPES, type EpilogueParts, epilogueSource } from './epilogue.js';

/** Members of `params`, in order. */
export const GATHER_INTS = [
  'n', 'srcH', 'srcW', 'inner', 'outH', 'outW', 'columns', 'kh', 'kw', 'stride', 'padY', 'padX', 'phases', 'rowsY', 'rowsX', 'tilesM', 'tilesN', 'splits',
] as const;

/** A modulated convolution: the filter is [taps, inner, columns] both ways, turned round where `turn` is set. */
export interface ModulatedVariant {
  /** What the source is multiplied by: a factor of each channel of a sample, or of each entry. */
  readonly styles: 'sample' | 'entry';
  /** What follows, if it follows here. */
  readonly epilogue?: EpilogueParts;
}

/** Members of `params` behind {@link GATHER_INTS} where it is modulated. */
export const MODULATED_INTS = ['turn', ...EPILOGUE_INTS] as const;

/** How the shader reads and writes. */
export interface GatherVariant {
  /** Channels on both sides divide by four: every access is a vector. */
  readonly vec: boolean;
  /** The gradient by the input. */
  readonly backward: boolean;
  /** Default 'float32'. */
  readonly arithmetic?: Arithmetic;
  readonly modulated?: ModulatedVariant;
}

/** Four channels of a pixel of the source, zeros outside. */
export const readSource = (vec: boolean, modulated?: ModulatedVariant): string => {
  const row = modulated?.styles === 'sample' ? 'pixel / (params.srcH * params.srcW)' : 'pixel';
  if (vec) return `return src[(pixel * params.inner + c) / 4]${modulated ? ` * styles[(${row} * params.inner + c) / 4]` : ''};`;
  return `let at = pixel * params.inner + c;
  let left = params.inner - c;
  let value = vec4f(src[at], select(0, src[at + 1], left > 1), select(0, src[at + 2], left > 2), select(0, src[at + 3], left > 3));
  ${modulated
    ? `let by = ${row} * params.inner + c;
  return value * vec4f(styles[by], select(0, styles[by + 1], left > 1), select(0, styles[by + 2], left > 2), select(0, styles[by + 3], left > 3));`
    : 'return value;'}`;
};

/** Forward: the filter's entries (tap, inner channel c, columns o..o+3). */
export const readForward = (vec: boolean): string => vec
  ? 'return filt[((tap * params.inner + c) * params.columns + o) / 4];'
  : `let at = (tap * params.inner + c) * params.columns + o;
  let left = params.columns - o;
  return vec4f(filt[at], select(0, filt[at + 1], left > 1), select(0, filt[at + 2], left > 2), select(0, filt[at + 3], left > 3));`;

/** Backward: the filter is [tap, column o, inner c..c+3]. */
export const readBackward = (vec: boolean): string => vec
  ? 'return filt[((tap * params.columns + o) * params.inner + c) / 4];'
  : `let at = (tap * params.columns + o) * params.inner + c;
  let left = params.inner - c;
  return vec4f(filt[at], select(0, filt[at + 1], left > 1), select(0, filt[at + 2], left > 2), select(0, filt[at + 3], left > 3));`;

/** WGSL that writes four columns of a pixel, `value`, from column `o` on. */
export const write = (vec: boolean, finished: boolean): string => vec
  ? `out[(at + o) / 4] = ${finished ? 'finish(value, source.x, o / 4, at / params.columns)' : 'value'};`
  : `for (var j = 0; j < 4; j++) { if (o + j < params.columns) { out[at + o + j] = ${finished ? 'finish(value[j], source.x, o + j, at / params.columns)' : 'value[j]'}; } }`;

/** Declarations of the bindings and of `params`. */
export function declarations(vec: boolean, modulated?: ModulatedVariant): string {
  const parts = modulated?.epilogue ?? [];
  const arrays = ['src', 'filt', ...(modulated ? ['styles'] : []), ...parts, 'out'];
  const types: Readonly<Record<string, string>> = EPILOGUE_TYPES;
  const members = [
    ...[...GATHER_INTS, ...(modulated ? MODULATED_INTS : [])].map((key) => `${key}: i32`), ...(modulated ? EPILOGUE_FLOATS : []).map((key) => `${key}: f32`),
  ];
  return /* wgsl */ `
alias T = ${vec ? 'vec4f' : 'f32'};
struct Params { ${members.join(', ')} }
${arrays.map((name, i) => `@group(0) @binding(${i}) var<storage, ${name === 'out' ? 'read_write' : 'read'}> ${name}: array<${types[name] ?? 'T'}>;`).join('\n')}
@group(0) @binding(${arrays.length}) var<uniform> params: Params;
${modulated?.epilogue ? epilogueSource(modulated.epilogue, vec ? '(params.columns / 4)' : 'params.columns') : ''}`;
}
