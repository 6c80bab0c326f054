export { activateForTests } from './activate.js';
export { comparedOutputs, outputError, type OutputError } from './compare.js';
export { listCases, loadCase, type CaseMeta, type GoldenCase, type Runner, type StoredArray } from './goldenCase.js';
export { tensorOf, toHwio, toNchw, toNhwc, toOihw } from './pytorchLayout.js';
export { allRunners } from './runners/index.js';
export { runCase, type CaseResult } from './runCase.js';
