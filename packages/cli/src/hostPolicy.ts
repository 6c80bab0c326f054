import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** The name of a Host header without its port, brackets and capitals; undefined when it is none. */
function nameOf(header: string | undefined): string | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (found?.[1] ?? found?.[2])?.toLowerCase();
}

/** Whether an address to listen on can be reached from this machine only. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || /^127(\.\d{1,3}){3}$/.test(host);

/**
 * Who may ask a server that listens on `host`.
 *
 * A page elsewhere can make its own name mean this machine (DNS rebinding), but then the browser still sends that name: only loopback's
 * names pass and, where another address was asked for, that address, bare IP addresses and this machine's name.
 *
 * @returns why a request is turned away, or undefined.
 */
export function hostPolicy(host: string): (request: IncomingMessage) => string | undefined {
  const own = hostname().toLowerCase();
  const isOurs = (name: string): boolean =>
    LOOPBACK.has(name) || (!isLoopback(host) && (isIP(name) !== 0 || [host.toLowerCase(), own, `${own}.local`].includes(name)));
  return ({ headers }) => {
    const name = nameOf(headers.host);
    if (name === undefined || !isOurs(name)) return isLoopback(host) ? 'this server answers to localhost only' : 'this server does not answer to that name';
    return undefined;
  };
}

/** Why a request to the model is turned away: it comes from a page that is not ours. */
export function foreignPage({ headers }: IncomingMessage): string | undefined {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const same = origin === undefined || origin === `http://${headers.host}` || origin === `https://${headers.host}`;
  return same && (site === undefined || site === 'same-origin' || site === 'none') ? undefined : 'this server answers to its own page only';
}
