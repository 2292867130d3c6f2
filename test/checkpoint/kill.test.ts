import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { CheckpointStore } from "#spikevine/src/checkpoint/index";
import { temporaryFolder } from "./training.js";

const child = fileURLToPath(new URL("./children/write-forever.mjs", import.meta.url));
const KILLS = 15;

/**
 * Starts a process that writes checkpoints one after the other and kills it (SIGKILL: it cannot clean up) a moment after it
 * has reported its first one.
 * @returns the number of the last checkpoint that it reported
 */
async function writeAndKill(folder: string, from: number, afterMs: number): Promise<number> {
  const writer = spawn(process.execPath, [child, folder, String(from)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => writer.on("exit", resolve));
  let told = "";
  writer.stdout.on("data", (chunk) => {
    if (told === "") setTimeout(() => writer.kill("SIGKILL"), afterMs);
    told += String(chunk);
  });
  await ended;
  return Number(told.trimEnd().split("\n").at(-1));
}

it(`kill -9 at ${KILLS} moments always leaves a complete checkpoint, the newest that was reported`, async () => {
  const folder = await temporaryFolder();
  let told = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    told = await writeAndKill(folder, told + 1, 0.7 * kill);
    const { checkpoint, problems } = await new CheckpointStore(folder, 2).latest();
    expect(problems).toEqual([]);
    const { progress, tensors } = checkpoint!.snapshot;
    // It may have been killed between the rename and the report.
    expect([told, told + 1]).toContain(progress.updates);
    expect(new Set(tensors.get("layer1.weights")!.data)).toEqual(new Set([progress.updates]));
    told = progress.updates;
  }
  // The next checkpoint removes incomplete files of killed writers.
  await writeAndKill(folder, told + 1, 50);
  expect((await readdir(folder)).length).toBeLessThanOrEqual(3 * 2 + 1);
}, 180_000);
