/** A token bucket for each client: `perSecond` requests on the average, `burst` at once. */
export interface RateLimitOptions {
  readonly perSecond: number;
  readonly burst: number;
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}
interface Bucket {
  tokens: number;
  at: number;
}
/** Clients remembered; whoever has not come for the longest time is forgotten first. */
const MAX_CLIENTS = 1024;

/** Tells whether a client may ask now, and counts it. */
export function createRateLimit({ perSecond, burst, now = () => performance.now() }: RateLimitOptions): (client: string) => boolean {
  const buckets = new Map<string, Bucket>();
  return (client) => {
    const at = now();
    const bucket = buckets.get(client) ?? { tokens: burst, at };
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
    bucket.at = at;
    buckets.delete(client);
    buckets.set(client, bucket);
    if (buckets.size > MAX_CLIENTS) buckets.delete(buckets.keys().next().value!);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  };
}
