import { add, concat, expandDims, slice, type Tensor4D, zeros } from '@tensorflow/tfjs-core';
import { SpatialGANError, type EncoderSite, type HeatmapPyramid, type ParamTree, type SpatialEncoder } from '@spatialgan/core';
import { resizeTo } from './resizeTo.js';

type Pair = { readonly [name: string]: ParamTree };
type AnyEncoder = SpatialEncoder<any, any>;

/** Lays two prepared pyramids side by side; maps of different size meet at the larger. */
function joinPyramids(first: HeatmapPyramid, second: HeatmapPyramid): HeatmapPyramid {
  const joined = new Map<number, Tensor4D>();
  for (const r of new Set([...first.keys(), ...second.keys()])) {
    const maps = [first.get(r), second.get(r)].filter((map) => map !== undefined);
    const size = [1, 2].map((axis) => Math.max(...maps.map((map) => map.shape[axis]!))) as [number, number];
    joined.set(r, maps.length === 1 ? maps[0]! : concat(maps.map((map) => resizeTo(map, size)), 3));
  }
  return joined;
}

/** The two encoders, what they share and how their maps lie side by side. */
interface Joined {
  readonly pair: readonly [AnyEncoder, AnyEncoder];
  /** Whether maps travel side by side, because one of the two makes its own. */
  readonly prepares: boolean;
  channels(encoder: AnyEncoder, site: EncoderSite): number;
  /** The part of a joined map that belongs to one of the two. */
  ownMap(encoder: AnyEncoder, map: Tensor4D, site: EncoderSite): Tensor4D;
}

function join(first: AnyEncoder, second: AnyEncoder): Joined {
  const pair = [first, second] as const;
  const prepares = pair.some((encoder) => encoder.prepare);
  const channels = (encoder: AnyEncoder, site: EncoderSite): number => encoder.preparedChannels?.(site) ?? site.heatmapChannels;
  return {
    pair,
    prepares,
    channels,
    ownMap(encoder, map, site) {
      if (!prepares) return map;
      const [N, h, w] = map.shape;
      const begin = encoder === first ? 0 : channels(first, site);
      return slice(map, [0, 0, 0, begin], [N, h, w, channels(encoder, site)]);
    },
  };
}

/** The hooks that are there only if a part has them. */
function optionalHooks({ pair, prepares, ownMap }: Joined): Partial<SpatialEncoder<Pair, Pair>> {
  const sharers = pair.filter((encoder) => encoder.initShared);
  const stylist = pair.find((encoder) => encoder.encodeStyles);
  return {
    ...(sharers.length > 0 && {
      initShared: (rng, setting) =>
        Object.fromEntries(sharers.map((e) => [e.name, e.initShared!(rng.split(e.name), setting) as ParamTree])),
    }),
    ...(prepares && {
      prepare(shared, heatmaps, setting) {
        const [a, b] = pair.map((e) => e.prepare?.(shared[e.name], heatmaps, setting) ?? heatmaps);
        return joinPyramids(a!, b!);
      },
    }),
    ...(pair.some((encoder) => encoder.encodeLatent) && {
      encodeLatent: (shared, z, heatmaps, setting) =>
        pair.reduce((code, e) => e.encodeLatent?.(shared[e.name], code, heatmaps, setting) ?? code, z),
    }),
    ...(stylist && {
      encodeStyles(params, styles, map, site, size) {
        if (stylist.appliesTo(site)) return stylist.encodeStyles!(params[stylist.name], styles, ownMap(stylist, map, site), site, size);
        const background = expandDims(expandDims(styles.background, 1), 1) as Tensor4D;
        return add(background, zeros([background.shape[0], ...size, 1])) as Tensor4D;
      },
    }),
  };
}

/**
 * Applies two encoders, the first first; parameters live under their names.
 *
 * Both read the raw heatmaps in `prepare`; what they make of them travels side by side and is taken apart at the sites
 * (`preparedChannels` tells how). At most one of them may make styles.
 *
 * @throws SpatialGANError 'CONFIG' when both have the same name or both make styles.
 */
export function composeEncoders(first: AnyEncoder, second: AnyEncoder): SpatialEncoder<Pair, Pair> {
  if (first.name === second.name) {
    throw new SpatialGANError('CONFIG', `composeEncoders: expected two names, got '${first.name}' twice; spread one with another name`);
  }
  if (first.encodeStyles && second.encodeStyles) {
    throw new SpatialGANError('CONFIG', `composeEncoders: '${first.name}' and '${second.name}' both make styles; keep one`);
  }
  const joined = join(first, second);
  const { pair, prepares, channels, ownMap } = joined;
  return {
    name: `${first.name}+${second.name}`,
    appliesTo: (site) => pair.some((encoder) => encoder.appliesTo(site)),
    init(rng, site) {
      const there = pair.filter((encoder) => encoder.appliesTo(site));
      return Object.fromEntries(there.map((encoder) => [encoder.name, encoder.init(rng.split(encoder.name), site)]));
    },
    preparedChannels: (site) => (prepares ? channels(first, site) + channels(second, site) : site.heatmapChannels),
    encodeFeatures(params, features, map, site) {
      const there = pair.filter((encoder) => encoder.encodeFeatures && encoder.appliesTo(site));
      return there.reduce((x, e) => e.encodeFeatures!(params[e.name], x, ownMap(e, map, site), site), features);
    },
    ...optionalHooks(joined),
  };
}
