export { type Point, type Setting, type Settings, sweepPoint, sweepPoints } from "./point.js";
export type { FinishedPoint } from "./point-file.js";
export type { PointContext, PointFunction } from "./point-function.js";
export { runSweep, type Sweep, type SweepOptions, type SweepProgress } from "./run-sweep.js";
export type { PointOptions, PointResult, Runner } from "./runner.js";
export { type SettingSummary, type Spread, type SweepTable, sweepTable } from "./table.js";
export { pointsCsv, settingsCsv, settingText, summaryRows, sweepMarkdown } from "./table-files.js";
export type { FailedPoint } from "./work.js";
export { workerRunner } from "./worker-runner.js";
