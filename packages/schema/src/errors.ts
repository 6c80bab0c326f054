/** The stable vocabulary of what can go wrong; messages may change, codes do not. */
export type SpatialGANErrorCode =
  | 'SHAPE'
  | 'CONFIG'
  | 'LAYOUT'
  | 'CHECKPOINT'
  | 'DATA'
  | 'BACKEND_UNSUPPORTED'
  | 'BACKEND_LOST'
  | 'NOT_DIFFERENTIABLE'
  | 'DIVERGED'
  | 'ABORTED'
  | 'DISPOSED';

/**
 * The one error class of every SpatialGAN package.
 *
 * The message reads `where: expected, got, what to do`; `code` is for programs, `cause` is the
 * underlying error and `plugin` is filled in by the host that called a plugin.
 */
export class SpatialGANError extends Error {
  readonly code: SpatialGANErrorCode;
  readonly plugin: string | undefined;

  constructor(code: SpatialGANErrorCode, message: string, options: { cause?: unknown; plugin?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'SpatialGANError';
    this.code = code;
    this.plugin = options.plugin;
  }
}

/** Tells whether a value is a {@link SpatialGANError}, also one of another copy of this package. */
export function isSpatialGANError(value: unknown, code?: SpatialGANErrorCode): value is SpatialGANError {
  if (!(value instanceof Error) || value.name !== 'SpatialGANError') return false;
  return code === undefined || (value as SpatialGANError).code === code;
}

/** Throws 'ABORTED' when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, where: string): void {
  if (signal?.aborted) throw new SpatialGANError('ABORTED', `${where}: aborted`, { cause: signal.reason });
}
