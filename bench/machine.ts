import { cpus, loadavg, release, totalmem } from "node:os";

/** The machine of the figures, without which they cannot be interpreted. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** Mean number of runnable processes of the last minute when the run began: a quiet machine has about 0. */
  readonly loadAtStart: number;
}

export const thisMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${release()} ${process.arch}`,
  node: process.versions.node,
  v8: process.versions.v8,
  loadAtStart: loadavg()[0]!,
});

/** Load of other work above which timings are called disturbed. */
const QUIET = 0.3;

export const inWords = (machine: Machine): string =>
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system}, Node ${machine.node} (V8 ${machine.v8})` +
  (machine.loadAtStart > QUIET
    ? `\nload ${machine.loadAtStart.toFixed(1)} at the start: NOT QUIET, ratios are rough and absolute figures are meaningless`
    : "");
