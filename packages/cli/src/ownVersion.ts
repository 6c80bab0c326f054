import { createRequire } from 'node:module';

/** The version of this package; its manifest lies one folder above the sources and the build alike. */
export const ownVersion = (): string => (createRequire(import.meta.url)('../package.json') as { readonly version: string }).version;
