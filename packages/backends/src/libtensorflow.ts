import type { Backend } from '@spatialgan/core';
import { activateTfjs, assertSupported, optionalPeer } from './activateTfjs.js';
import { builtin, inNode } from './builtin.js';

/** tfjs-node 4.22 calls util.isNullOrUndefined and its like, which Node 23 removed (tfjs#8609). */
export function repairNodeUtil(): void {
  const util = builtin('util') as unknown as Record<string, unknown> | null;
  if (!util) return;
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

/** A backend on libtensorflow; the package's name is not static, so that bundlers do not follow it. */
export function libtensorflow(name: string, packageName: string): Backend {
  const load = async (): Promise<object | null> => {
    repairNodeUtil();
    return optionalPeer(() => import(/* @vite-ignore */ /* webpackIgnore: true */ packageName) as Promise<object>);
  };
  const unsupportedReason = async (): Promise<string | null> => {
    if (!inNode()) return 'it runs in Node only';
    try {
      return (await load()) ? null : `${packageName} is not installed`;
    } catch (error) {
      return `${packageName} does not load: ${(error as Error).message.split('\n')[0]}`;
    }
  };
  return {
    name,
    unsupportedReason,
    activate: async () => {
      assertSupported(name, await unsupportedReason());
      await load();
      return activateTfjs('tensorflow', { training: true, syncRead: true, floatBits: 32, maxBufferBytes: 2 ** 40 });
    },
  };
}
