import { type Checksum, createMaskedCrc32c } from './crc32c.js';
import { bytes, concatBytes, double, float, int, message, text } from './protobuf.js';

/** A picture that is encoded already. */
export interface EncodedImage {
  /** PNG. */
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Writes a TensorBoard event file (`events.out.tfevents.…`): TFRecord frames of `Event` messages. */
export interface EventWriter {
  /** One point per name. */
  scalars(step: number, values: Readonly<Record<string, number>>): Promise<void>;
  image(step: number, name: string, image: EncodedImage): Promise<void>;
}

/** Where the bytes go. */
export interface EventWriterOptions {
  /** Adds bytes to the end of the file. */
  readonly append: (bytes: Uint8Array) => Promise<void>;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

/** Length, its checksum, data, its checksum. */
function frame(data: Uint8Array, checksum: Checksum): Uint8Array {
  const out = new Uint8Array(12 + data.length + 4);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, checksum(out.subarray(0, 8)), true);
  out.set(data, 12);
  view.setUint32(12 + data.length, checksum(data), true);
  return out;
}

/** Creates a writer; the file's first record is written with the first event. */
export function createEventWriter({ append, now = Date.now }: EventWriterOptions): EventWriter {
  const checksum = createMaskedCrc32c();
  let isBegun = false;
  const wallTime = (): Uint8Array => double(1, now() / 1000);
  const write = async (step: number, values: readonly Uint8Array[]): Promise<void> => {
    const first = isBegun ? [] : [frame(message(wallTime(), text(3, 'brain.Event:2')), checksum)];
    isBegun = true;
    const summary = message(...values.map((value) => bytes(1, value)));
    await append(concatBytes([...first, frame(message(wallTime(), int(2, step), bytes(5, summary)), checksum)]));
  };
  return {
    scalars: (step, values) => write(step, Object.entries(values).map(([name, value]) => message(text(1, name), float(2, value)))),
    image: (step, name, { png, width, height }) =>
      // Summary.Image: height, width, 3 = RGB, the encoded picture.
      write(step, [message(text(1, name), bytes(4, message(int(1, height), int(2, width), int(3, 3), bytes(4, png))))]),
  };
}
