/**
 * Lets the page open without a network: a service worker, built by `serviceWorkerPlugin`, which writes the two constants.
 *
 * Files with a hash in their name come from the cache, since they never change; the page itself and `models.json` come from the network
 * whenever it answers, so that nobody sees an old version while there is a new one. All else (models, the server's runtime) is left alone.
 */
declare const VERSION: string;
declare const FILES: readonly string[];

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface ServiceWorkerScope {
  readonly registration: { readonly scope: string; unregister(): Promise<boolean> };
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}
const scope = self as unknown as ServiceWorkerScope;

const PREFIX = 'spatialgan-studio ';
/** One cache for each folder and version: several studios may share an origin. */
const NAME = `${PREFIX}${scope.registration.scope} ${VERSION}`;
const at = (path: string): string => new URL(path, scope.registration.scope).href;
const PAGE = at('./');
/** What changes under one name. */
const FRESH: ReadonlySet<string> = new Set([PAGE, at('index.html'), at('models.json'), at('icon.svg')]);
const FIXED: ReadonlySet<string> = new Set(FILES.map(at));
/** Stands in the page's head. */
const MARK = 'name="generator" content="SpatialGAN Studio"';

const withoutQuery = (address: string): string => {
  const url = new URL(address);
  return url.origin + url.pathname;
};

async function keep(): Promise<void> {
  const cache = await caches.open(NAME);
  await cache.addAll([...FIXED, PAGE, at('icon.svg')]);
  // Static hosting need not have one.
  await cache.add(at('models.json')).catch(() => {});
}

async function removeOthers(): Promise<void> {
  const ours = `${PREFIX}${scope.registration.scope} `;
  for (const name of await caches.keys()) if (name.startsWith(ours) && name !== NAME) await caches.delete(name);
}

/** Another application answers at this address now: leave it to it. */
async function leave(): Promise<void> {
  await scope.registration.unregister();
  await caches.delete(NAME);
}

const cached = (url: string): Promise<Response | undefined> => caches.open(NAME).then((cache) => cache.match(url));

async function fresh(request: Request, url: string): Promise<Response> {
  const isPage = url !== at('models.json') && url !== at('icon.svg');
  try {
    const response = await fetch(request);
    if (isPage && response.ok && !(await response.clone().text()).includes(MARK)) await leave();
    else if (!isPage && response.ok) await (await caches.open(NAME)).put(url, response.clone());
    return response;
  } catch (error) {
    const kept = await cached(isPage ? PAGE : url);
    if (kept) return kept;
    throw error;
  }
}

scope.addEventListener('install', (event) => event.waitUntil(keep()));
// No skipWaiting: pages that are open keep the files that they were built with.
scope.addEventListener('activate', (event) => event.waitUntil(removeOthers()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const url = withoutQuery(request.url);
  if (FIXED.has(url)) event.respondWith(cached(url).then((kept) => kept ?? fetch(request)));
  else if (FRESH.has(url)) event.respondWith(fresh(request, url));
});
