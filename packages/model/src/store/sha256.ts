/** SHA-256 as 64 hexadecimal digits; undefined in insecure contexts, where browsers have no `crypto.subtle`. */
export async function sha256(bytes: ArrayBuffer): Promise<string | undefined> {
  if (!globalThis.crypto?.subtle) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
