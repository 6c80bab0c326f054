import type { Communicator } from '@spatialgan/core';
import type { NonFiniteOperation } from './traceNonFinite.js';

/** Numbers that each rank says: its operation's order + 1 (0: none), the length of the text, the text. */
const slot = 512;

/**
 * What any rank found first, the same on all of them: a value that breaks on one rank reaches the others in the sums only, where
 * its layer cannot be told any more. All ranks have to call it.
 */
export async function firstOfRanks(found: NonFiniteOperation | undefined, communicator: Communicator | undefined): Promise<NonFiniteOperation | undefined> {
  if (!communicator || communicator.size === 1) return found;
  const { rank, size } = communicator;
  const said = new Float32Array(size * slot);
  if (found) {
    const text = JSON.stringify(found).slice(0, slot - 2);
    said.set([found.order + 1, text.length, ...Array.from(text, (_, i) => text.charCodeAt(i))], rank * slot);
  }
  await communicator.allReduce(said);
  const heard = Array.from({ length: size }, (_, i) => said.subarray(i * slot, (i + 1) * slot)).filter(([order]) => order! > 0);
  const first = heard.sort(([a], [b]) => a! - b!)[0];
  return first && (JSON.parse(String.fromCharCode(...first.subarray(2, 2 + first[1]!))) as NonFiniteOperation);
}
