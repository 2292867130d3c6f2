// npm run soak: 20,000 updates of a small network on each available device, with evaluations and checkpoints, each in its
// own process. Fails if a process is more than 5 % larger at the end than after its warm-up.
//     npm run soak -- --updates 20000 --devices simd,gpujs:cpu --limit 0.05
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bootstrap, runCommand } from "./bootstrap.mjs";

const { values } = parseArgs({
  options: {
    updates: { type: "string", default: "20000" },
    devices: { type: "string" },
    limit: { type: "string", default: "0.05" },
    // Flag of a process that is started for one device.
    only: { type: "string" },
  },
});
const updates = Number(values.updates);

if (values.only === undefined) {
  await bootstrap();
  process.exitCode = await everyDevice();
} else await oneDevice(values.only);

async function everyDevice() {
  const { listDevices, openDevice, SpikevineError } = await import("../dist/src/index.js");
  let worst = 0;
  for (const name of values.devices?.split(",") ?? listDevices().map((device) => device.name)) {
    try {
      await (await openDevice(name)).device.dispose();
    } catch (error) {
      if (!(error instanceof SpikevineError)) throw error;
      console.log(`${name.padEnd(18)} not available`);
      continue;
    }
    const self = fileURLToPath(import.meta.url);
    const args = ["--expose-gc", self, "--updates", values.updates, "--limit", values.limit, "--only", name];
    worst = Math.max(worst, await runCommand(process.execPath, args));
  }
  return worst;
}

async function oneDevice(name) {
  const { dense, grapes, makeDigits, network, openDevice, rate, sgd, snu, train } = await import(
    "../dist/src/index.js"
  );
  const { CheckpointWriter, CheckpointStore, parseInterval, runIdentity } = await import(
    "../dist/src/checkpoint/index.js"
  );
  const { device } = await openDevice(name);
  const folder = mkdtempSync(join(tmpdir(), "spikevine-soak-"));
  const { train: data, test } = makeDigits({ train: 400, test: 20 });
  const net = network({
    inputs: 784,
    encoder: rate({ maxRate: 0.3 }),
    steps: 3,
    layers: [dense(16, snu()), dense(10, snu())],
  });
  const rule = [grapes(), sgd({ learningRate: 0.05 })];
  const warm = Math.ceil(updates / 5);
  const sizes = [];
  let done = 0;
  const began = performance.now();
  await train(net, {
    data,
    validation: test,
    epochs: Math.ceil(updates / 100),
    batchSize: 4,
    optimizer: rule,
    device,
    ...new CheckpointWriter({
      store: new CheckpointStore(folder, 3),
      run: () =>
        runIdentity({ spikevine: "soak", device: device.report, experiment: {}, data: { data }, network: net, rule }),
      interval: parseInterval("500 batches"),
      start: { updates: 0, epochs: 0 },
      onProblem(problem) {
        throw problem;
      },
    }).options,
    onBatch: () => {
      done++;
    },
    async onEpoch() {
      if (done < warm) return;
      if (sizes.length > 0 && done < updates && done % Math.ceil(updates / 10) >= 100) return;
      sizes.push(await residentSize());
    },
  });
  await device.dispose();
  rmSync(folder, { recursive: true });
  const growth = sizes.at(-1) / sizes[0] - 1;
  const flat = growth <= Number(values.limit);
  const mib = sizes.map((size) => (size / 2 ** 20).toFixed(0)).join(" ");
  console.log(
    `${name.padEnd(18)} ${done} updates in ${((performance.now() - began) / 1000).toFixed(0)} s; MiB: ${mib}; ` +
      `${growth >= 0 ? "+" : ""}${(100 * growth).toFixed(1)} % ${flat ? "flat" : "GROWS"}`,
  );
  process.exitCode = flat ? 0 : 1;
}

/** Bytes of this process after garbage collection. */
async function residentSize() {
  let smallest = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 3; look++) {
    globalThis.gc();
    await setTimeout(20);
    smallest = Math.min(smallest, process.memoryUsage().rss);
  }
  return smallest;
}
