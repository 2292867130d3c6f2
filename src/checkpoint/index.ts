export { differences } from "./differences.js";
export { dataIdentity, type RunParts, runIdentity } from "./identity.js";
export { INTERVAL_PATTERN, type Interval, Metronome, type Position, parseInterval } from "./interval.js";
export { CheckpointKeeper } from "./keeper.js";
export { type DataIdentity, type Manifest, parseManifest, type RunIdentity, serializeManifest } from "./manifest.js";
export { type Checkpoint, CheckpointStore, type FoundCheckpoint } from "./store.js";
