import type { Runner } from '../goldenCase.js';

export const runners: Readonly<Record<string, Runner>> = {};
