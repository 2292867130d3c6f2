// A worker of a queue: node queue-worker.mjs ADDRESS; prints a line for each point that has ended.
import { setTimeout } from "node:timers/promises";
import { runQueueWorker } from "../../../dist/src/sweep/index.js";

/** Works in this thread: the points of these tests take milliseconds of waiting, not of work. */
const runner = {
  slots: 1,
  async start({ settings, seed }) {
    await setTimeout(settings.milliseconds);
    return { metrics: { figure: Math.sin(settings.gain + seed), runSeconds: performance.now() } };
  },
  async close() {},
};
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
await runQueueWorker({
  address: process.argv[2],
  runner,
  signal: stop.signal,
  claimMs: 1000,
  onPoint: ({ id }) => console.log(id),
});
