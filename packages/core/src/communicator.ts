/**
 * What the processes of one training run say to each other. All of them make the same calls in the same order.
 *
 * Buffers are changed in place and may be used again once a call has resolved. Threads have one in
 * `@spatialgan/trainer`; one over MPI or sockets needs these members only.
 */
export interface Communicator {
  /** This process' number, from 0. Rank 0 leads: it has the data, the plugins and the checkpoints. */
  readonly rank: number;
  /** Number of processes. */
  readonly size: number;
  /**
   * Replaces the values by their sum over all ranks, added in the order of the ranks: every rank gets the same bits,
   * in every run.
   *
   * @throws SpatialGANError 'ABORTED' when another rank has ended; so do the other calls.
   */
  allReduce(values: Float32Array): Promise<void>;
  /** Replaces the bytes by those of rank 0. */
  broadcast(bytes: Uint8Array): Promise<void>;
  /** Resolves when every rank has called it. */
  barrier(): Promise<void>;
  /** Ends the run for all ranks: their calls, waiting or to come, throw 'ABORTED'. Idempotent. */
  fail?(reason: string): void;
}
