import type { TrainingSnapshot } from '@spatialgan/core';
import type { RunSettings, Tick } from './messages.js';

/** A run as the browser keeps it. One at a time: a new run replaces it. */
export interface KeptRun {
  readonly settings: RunSettings;
  readonly images: readonly Uint8Array[];
  readonly snapshot: TrainingSnapshot;
  readonly ticks: readonly Tick[];
}

const [DATABASE, STORE, KEY] = ['spatialgan-train-in-browser', 'runs', 'run'];

const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser refused'));
  });

async function withStore<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await resultOf(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    const result = await resultOf(use(transaction.objectStore(STORE)));
    // A page that dies before this leaves the run that was kept before.
    if (mode === 'readwrite') await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser has no room left'));
    });
    return result;
  } finally {
    database.close();
  }
}

/** Keeps a run in the place of the one before: all of it or nothing. */
export const keepRun = async (run: KeptRun): Promise<void> => void (await withStore('readwrite', (store) => store.put(run, KEY)));

/** The run that was kept. */
export const keptRun = (): Promise<KeptRun | undefined> => withStore('readonly', (store) => store.get(KEY) as IDBRequest<KeptRun | undefined>);
