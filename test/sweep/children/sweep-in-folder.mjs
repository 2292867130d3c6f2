// Begins a sweep in the folder that it is given and tells of every point that ends.
import { runSweep, sweepPoints, threadRunner } from "spikevine/sweep";

const [folder, run = "slow", count = "12"] = process.argv.slice(2);
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
const { stopped } = await runSweep({
  folder,
  points: sweepPoints({ vary: { gain: Array.from({ length: Number(count) }, (_, i) => i) }, seeds: [1] }),
  runner: threadRunner({ module: new URL("./points.mjs", import.meta.url), run, threads: 2 }),
  signal: stop.signal,
  onProgress: () => console.log("progress"),
  onPoint: ({ id }) => console.log(id),
});
process.exitCode = stopped ? 130 : 0;
