export { type DrawnInputs, drawnInputs } from './drawnInputs.js';
export type { KeptByCall, PlannedCall } from './keptByCall.js';
export { createOutputPool, type OutputPool, type OutputPoolOptions } from './outputPool.js';
export { type Pass, type PassOptions, recordPass } from './recordPass.js';
export { type Plan, recordPlan } from './recordPlan.js';
export type { DeclareInput } from './recordCalls.js';
