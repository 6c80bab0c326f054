import type { SharedModel } from '@spatialgan/share';

/** A model that can be opened. */
export type ModelSource =
  | { readonly kind: 'url'; readonly name: string; readonly url: URL; readonly bytes?: number; readonly sha256?: string }
  | { readonly kind: 'server'; readonly name: string; readonly url: URL }
  | { readonly kind: 'kept'; readonly name: string; readonly key: string }
  | { readonly kind: 'file'; readonly name: string; readonly file: File };

interface Manifest {
  readonly models?: readonly { readonly name: string; readonly url: string; readonly bytes?: number; readonly sha256?: string }[];
  readonly server?: string;
}

/** What the page's server offers: `models.json` beside the page, or one model beside it. */
export interface Offer {
  readonly models: readonly Extract<ModelSource, { kind: 'url' }>[];
  readonly server?: Extract<ModelSource, { kind: 'server' }>;
}

export const sourceOfUrl = (address: string): Extract<ModelSource, { kind: 'url' }> => {
  const url = new URL(address, location.href);
  return { kind: 'url', name: decodeURIComponent(url.pathname.split('/').pop() || url.host), url };
};

export async function readOffer(): Promise<Offer> {
  const alone = { models: [sourceOfUrl('./model.safetensors')] };
  // Static hosting need not have one.
  const manifest = await fetch('./models.json').then((response) => (response.ok ? (response.json() as Promise<Manifest>) : undefined)).catch(() => undefined);
  if (!Array.isArray(manifest?.models) || manifest.models.length === 0) return alone;
  const models = manifest.models.map(({ name, url, bytes, sha256 }) => ({
    ...sourceOfUrl(url), name, ...(bytes === undefined ? {} : { bytes }), ...(sha256 === undefined ? {} : { sha256 }),
  }));
  return { models, ...(manifest.server ? { server: { kind: 'server', name: models[0]!.name, url: new URL(manifest.server, location.href) } } : {}) };
}

/** The offered model that a shared document was made with: by its hash, else by its name. */
export const offeredFor = ({ models }: Offer, model: SharedModel | undefined): Extract<ModelSource, { kind: 'url' }> | undefined =>
  models.find(({ sha256 }) => sha256 !== undefined && sha256 === model?.sha256) ?? models.find(({ name }) => name === model?.name);
