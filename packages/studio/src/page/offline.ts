/** Keeps the page itself for when there is no network, once it works; does nothing while developing, or where there are no service workers (plain http to another machine). */
export function keepOffline(): void {
  if (!import.meta.env.HAS_SERVICE_WORKER || !('serviceWorker' in navigator)) return;
  // Without it the page works all the same, with a network.
  navigator.serviceWorker.register('./sw.js').catch(() => {});
}
