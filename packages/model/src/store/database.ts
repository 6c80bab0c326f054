/** A model as the browser keeps it. */
export interface KeptModel {
  /** Its address, or `file:` and its hash. */
  readonly key: string;
  readonly name: string;
  readonly bytes: Blob;
  readonly sha256: string;
  /** What the server said of this version (ETag, date, length). */
  readonly validator: string;
  /** Milliseconds since 1970. */
  readonly used: number;
}

const STORE = 'models';

const result = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });

/** A database of models, or undefined where the browser keeps none (private windows, no IndexedDB). */
export async function openDatabase(name: string): Promise<IDBDatabase | undefined> {
  if (typeof indexedDB === 'undefined') return undefined;
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' });
  return result(request).catch(() => undefined);
}

const store = (db: IDBDatabase, mode: IDBTransactionMode): IDBObjectStore => db.transaction(STORE, mode).objectStore(STORE);

export const readKept = (db: IDBDatabase, key: string): Promise<KeptModel | undefined> => result(store(db, 'readonly').get(key) as IDBRequest<KeptModel | undefined>);
export const listKept = (db: IDBDatabase): Promise<KeptModel[]> => result(store(db, 'readonly').getAll() as IDBRequest<KeptModel[]>);
export const deleteKept = (db: IDBDatabase, key: string): Promise<undefined> => result(store(db, 'readwrite').delete(key));
/** Resolves to whether there was room. */
export const writeKept = (db: IDBDatabase, model: KeptModel): Promise<boolean> => result(store(db, 'readwrite').put(model)).then(() => true, () => false);
