import type { RgbaImage } from '@spatialgan/schema';

export interface SynthesisQueueOptions<Job> {
  run(job: Job, signal: AbortSignal): Promise<RgbaImage>;
  /** Called for finished jobs only in the order they were asked for; never for one that was overtaken. */
  onImage(image: RgbaImage, job: Job, milliseconds: number): void;
  onError(error: unknown, job: Job): void;
}
export interface SynthesisQueue<Job> {
  /** Resolves when the job is done, failed or overtaken. */
  request(job: Job, transaction?: string): Promise<void>;
  abort(): void;
  isBusy(): boolean;
  /** The job under way. */
  running(): Job | undefined;
}
interface Ticket<Job> {
  readonly job: Job;
  readonly transaction: string | undefined;
  readonly controller: AbortController;
  settle(): void;
}

/**
 * Latest wins: a new job aborts the running one, whose image is dropped even if it still comes.
 *
 * Inside one transaction (a drag) the running job may finish, so that the picture follows the
 * hand instead of starving; only the newest of the jobs asked for meanwhile is kept. Images
 * therefore never go back in time. At most one live job.
 */
export function createSynthesisQueue<Job>(options: SynthesisQueueOptions<Job>): SynthesisQueue<Job> {
  let running: Ticket<Job> | undefined;
  let waiting: Ticket<Job> | undefined;

  const drop = (ticket: Ticket<Job> | undefined): void => {
    ticket?.controller.abort();
    ticket?.settle();
  };
  const abort = (): void => {
    const dropped = [running, waiting];
    running = waiting = undefined;
    dropped.forEach(drop);
  };
  async function start(ticket: Ticket<Job>): Promise<void> {
    running = ticket;
    const began = performance.now();
    const outcome = await attempt(() => options.run(ticket.job, ticket.controller.signal));
    if (running !== ticket) return;
    const next = waiting;
    running = waiting = undefined;
    if (next) void start(next);
    if (outcome.ok) options.onImage(outcome.image, ticket.job, performance.now() - began);
    else options.onError(outcome.error, ticket.job);
    ticket.settle();
  }
  return {
    request: (job, transaction) =>
      new Promise((settle) => {
        const ticket = { job, transaction, controller: new AbortController(), settle };
        if (running && transaction !== undefined && running.transaction === transaction) {
          drop(waiting);
          waiting = ticket;
          return;
        }
        abort();
        void start(ticket);
      }),
    abort,
    isBusy: () => running !== undefined,
    running: () => running?.job,
  };
}

type Outcome = { readonly ok: true; readonly image: RgbaImage } | { readonly ok: false; readonly error: unknown };
async function attempt(run: () => Promise<RgbaImage>): Promise<Outcome> {
  try {
    return { ok: true, image: await run() };
  } catch (error) {
    return { ok: false, error };
  }
}
