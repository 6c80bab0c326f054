const CODECS = { vp9: 'vp09.00.31.08', vp8: 'vp8' } as const;
export type WebmCodec = keyof typeof CODECS;

/** The codec in which this browser can encode WebM of a size; undefined where it cannot (no WebCodecs, as in Node). Loads nothing. */
export async function webmCodec(width: number, height: number): Promise<WebmCodec | undefined> {
  if (typeof VideoEncoder === 'undefined') return undefined;
  for (const [name, codec] of Object.entries(CODECS)) {
    const { supported } = await VideoEncoder.isConfigSupported({ codec, width, height }).catch(() => ({ supported: false }));
    if (supported) return name as WebmCodec;
  }
  return undefined;
}
