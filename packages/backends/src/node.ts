import type { Backend } from '@spatialgan/core';
import { libtensorflow } from './libtensorflow.js';

/** libtensorflow on the CPU, through the optional package `@tensorflow/tfjs-node`. */
export const node = (): Backend => libtensorflow('node', '@tensorflow/tfjs-node');
