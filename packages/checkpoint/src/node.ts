export { loadCheckpoint, saveCheckpoint, type CheckpointData, type LoadedCheckpoint } from './checkpointFolder.js';
export { type CheckpointManifest } from './manifest.js';
export { bestCheckpoint, type BestCheckpoint, type BestOfRun, latestCheckpoint, saveRunCheckpoint, type LatestCheckpoint } from './runCheckpoints.js';
export { readPath, writeFileAtomic } from './writeFileAtomic.js';
