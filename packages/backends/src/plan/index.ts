export type { KeptByCall, PlannedCall } from './keptByCall.js';
export { type Plan, recordPlan } from './recordPlan.js';
export type { DeclareInput } from './recordCalls.js';
