import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readMetrics } from "#spikevine/src/io/index";
import { sha256 } from "#spikevine/src/io/sha256";

export const main = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));

/** A training of two epochs of eight batches that takes a moment. */
export const SHORT: readonly string[] = [
  ...["--train-samples", "128", "--test-samples", "20", "--hidden", "12", "--steps", "4", "--batch-size", "16"],
  ...["--epochs", "2", "--device", "simd", "--threads", "1"],
];

export interface Ended {
  /** Name of the signal that ended it, if any. */
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `spikevine train` in a separate process. */
export function trainInChild(
  args: readonly string[],
  during: (child: ChildProcessWithoutNullStreams) => Promise<void> = async () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [main, "train", ...args]);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code, signal) => resolve({ code: signal ?? code, stdout, stderr })),
  );
  return during(child).then(() => ended);
}

/** Waits until a run below `out` has this many more checkpoint manifests than before, or the child has ended. */
export async function untilCheckpoints(
  child: ChildProcessWithoutNullStreams,
  out: string,
  newest: number,
): Promise<void> {
  while (child.exitCode === null && newestCheckpoint(out) < newest) await setTimeout(2);
}

/** Number of the newest checkpoint of the only run below a folder; 0 if there is none. */
export function newestCheckpoint(out: string): number {
  const [run] = existsSync(out) ? readdirSync(out) : [];
  const folder = run === undefined ? "" : join(out, run, "checkpoints");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return Math.max(0, ...names.map((name) => Number(/^checkpoint-(\d+)\.json$/.exec(name)?.[1] ?? 0)));
}

/** The only run folder below a root. */
export async function onlyRun(root: string): Promise<string> {
  const folders = await readdir(root);
  if (folders.length !== 1) throw new Error(`${root} has ${folders.length} run folders`);
  return join(root, folders[0]!);
}

/** Result of a run: the hash of its weights file, and its metrics without values that depend on the clock. */
export async function leftBy(folder: string): Promise<{ weights: string; metrics: unknown[] }> {
  const weights = sha256(await readFile(join(folder, "weights.safetensors")));
  const { records, torn } = await readMetrics(join(folder, "metrics.ndjson"));
  if (torn) throw new Error("torn metrics");
  const metrics = records.map((record) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !/Seconds$|PerSecond$/.test(key))),
  );
  return { weights, metrics };
}
