export { CheckpointWriter } from "./checkpoint-writer.js";
export { differences } from "./differences.js";
export { dataIdentity, type RunIdentityInput, runIdentity } from "./identity.js";
export { CheckpointTimer, INTERVAL_PATTERN, type Interval, type Position, parseInterval } from "./interval.js";
export { type DataIdentity, type Manifest, parseManifest, type RunIdentity, serializeManifest } from "./manifest.js";
export { type Checkpoint, CheckpointStore, type FoundCheckpoint } from "./store.js";
