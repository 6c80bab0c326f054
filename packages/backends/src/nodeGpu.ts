import type { Backend } from '@spatialgan/core';
import { libtensorflow } from './libtensorflow.js';

/** libtensorflow on CUDA 11.2, through the optional package `@tensorflow/tfjs-node-gpu`. */
export const nodeGpu = (): Backend => libtensorflow('node-gpu', '@tensorflow/tfjs-node-gpu');
