import { engine, tidy } from '@tensorflow/tfjs-core';

interface Doors {
  runKernel?: (name: string, ...rest: unknown[]) => unknown;
}

/** Names of the kernels that a function runs, in order; what it makes is freed. */
export function kernelsOf(run: () => void): string[] {
  const doors = engine() as unknown as Doors;
  const runKernel = doors.runKernel!.bind(doors);
  const seen: string[] = [];
  doors.runKernel = (name, ...rest) => {
    seen.push(name);
    return runKernel(name, ...rest);
  };
  try {
    tidy(() => {
      run();
    });
  } finally {
    delete doors.runKernel; // the prototype's shows again
  }
  return seen;
}

/** Those of {@link kernelsOf} that are this project's. */
export const ownKernelsOf = (run: () => void): string[] => kernelsOf(run).filter((name) => name.startsWith('Spatialgan'));
