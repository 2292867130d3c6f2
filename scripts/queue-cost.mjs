// node scripts/queue-cost.mjs [POINTS]: the cost of a queue. Needs redis-server. Prints the overhead per point, from points that
// do nothing, and points per hour of short trainings with 1, 2 and 4 workers of one thread each, next to threads of one process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bootstrap } from "./bootstrap.mjs";

await bootstrap();
const { queueRunner, runQueueWorker, runSweep, sweepPoints } = await import("../dist/src/sweep/index.js");
const { runCli } = await import("../dist/src/cli/command-line/run.js");

const count = Number(process.argv[2] ?? 48);
const folder = mkdtempSync(join(tmpdir(), "spikevine-queue-cost-"));
const port = 20_000 + (process.pid % 20_000);
const address = `redis://127.0.0.1:${port}`;
const redis = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]);
for await (const line of createInterface({ input: redis.stdout })) if (line.includes("Ready to accept")) break;

/** A terminal that shows nothing. */
const quiet = {
  width: 80,
  live: false,
  lost: new AbortController().signal,
  line() {},
  status() {},
  error: console.error,
  mute() {},
};
const seconds = async (work) => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

/** Points that do nothing, with one worker in this process. */
async function overhead() {
  const stop = new AbortController();
  const runner = { slots: 1, start: async () => ({ metrics: { figure: 1 } }), close: async () => {} };
  const worker = runQueueWorker({ address, name: "empty", runner, signal: stop.signal });
  const points = sweepPoints({ vary: { index: [...Array(500).keys()] }, seeds: [0] });
  const took = await seconds(async () =>
    runSweep({ folder: join(folder, "empty"), points, runner: await queueRunner({ address, name: "empty" }) }),
  );
  stop.abort();
  await worker;
  return (1000 * took) / points.length;
}

const sweep = (name, more) => {
  const tiny = ["--train-samples", "2000", "--test-samples", "200", "--hidden", "128", "--epochs", "1"];
  const args = [
    "sweep",
    ...tiny,
    "--seeds",
    `1..${count}`,
    "--out",
    join(folder, name),
    "--log-level",
    "error",
    ...more,
  ];
  return seconds(() => runCli(args, quiet));
};

/** Trainings by workers that are processes of their own, once they are there. */
async function byQueue(workers) {
  const main = new URL("../dist/src/cli/main.js", import.meta.url).pathname;
  const children = Array.from({ length: workers }, () =>
    spawn(process.execPath, [main, "worker", "--queue", address, "--jobs", "1"], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  await Promise.all(children.map(({ stdout }) => once(stdout, "data")));
  const took = await sweep(`queue-${workers}`, ["--queue", address]);
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(children.map((child) => once(child, "exit")));
  return took;
}

try {
  console.log(`overhead of the queue, file and table included: ${(await overhead()).toFixed(1)} ms per point`);
  const rows = [];
  for (const jobs of [1, 2])
    rows.push([`${jobs} threads of one process`, await sweep(`threads-${jobs}`, ["--jobs", String(jobs)])]);
  for (const workers of [1, 2, 4]) rows.push([`${workers} workers of one thread`, await byQueue(workers)]);
  for (const [name, took] of rows)
    console.log(`${name}: ${Math.round((3600 * count) / took).toLocaleString("en")} points per hour`);
} finally {
  redis.kill();
  rmSync(folder, { recursive: true, force: true });
}
