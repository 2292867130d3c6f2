// node scripts/checkpoint-cost.mjs [flags of train]: trains with a checkpoint every 30 seconds, by default one epoch on
// MNIST, and prints the fraction of the time that checkpoints take. Fails if that is 1 % or more.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootstrap } from "./bootstrap.mjs";

await bootstrap();
const { runCli } = await import("../dist/src/cli/command-line/run.js");
const out = mkdtempSync(join(tmpdir(), "spikevine-cost-"));
try {
  const flags = process.argv.length > 2 ? process.argv.slice(2) : ["--data", "mnist", "--epochs", "1"];
  process.exitCode = await runCli(["train", "--checkpoint-every", "30 s", ...flags, "--out", out]);
  if (process.exitCode === 0) report(join(out, readdirSync(out)[0]));
} finally {
  rmSync(out, { recursive: true });
}

function report(folder) {
  const lines = readFileSync(join(folder, "log.ndjson"), "utf8").trim().split("\n").map(JSON.parse);
  const { checkpoints, checkpointSeconds } = lines.find(({ msg }) => msg === "training ends");
  const [first, last] = [lines[0], lines.at(-1)].map(({ time }) => Date.parse(time) / 1000);
  const fraction = checkpointSeconds / (last - first);
  const each = (1000 * checkpointSeconds) / checkpoints;
  console.log(
    `${checkpoints} checkpoints in ${(last - first).toFixed(1)} s of training, ${each.toFixed(1)} ms each: ${(100 * fraction).toFixed(3)} % of the time`,
  );
  if (fraction >= 0.01) process.exitCode = 1;
}
