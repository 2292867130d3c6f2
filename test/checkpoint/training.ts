import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rate } from "#spikevine/encoders/index";
import { dense, type Network, network, spikeRate } from "#spikevine/networks/index";
import { snu } from "#spikevine/neurons/index";
import { grapes, sgd } from "#spikevine/plasticity/index";
import type { RunIdentity } from "#spikevine/src/checkpoint/index";
import type { TrainingOptions, TrainingResult, TrainingSnapshot } from "#spikevine/src/training/index";
import { train } from "#spikevine/src/training/index";
import { stripes } from "../training/stripes.js";

export const small = (): Network =>
  network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps: 6,
    layers: [dense(9, snu()), dense(3, snu())],
    readout: spikeRate(),
    seed: 3,
  });

/** A training of 4 epochs of 4 batches. */
export const options = (more: Partial<TrainingOptions> = {}): TrainingOptions => ({
  data: stripes(),
  validation: stripes(9),
  epochs: 4,
  batchSize: 8,
  optimizer: [grapes(), sgd({ learningRate: 0.5 })],
  device: "reference",
  ...more,
});

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "spikevine-checkpoint-"));

export const SOME_RUN: RunIdentity = {
  spikevine: "0.0.0",
  node: "20",
  device: { name: "reference", executor: "JavaScript" },
  experiment: { seed: 1 },
  experimentSha256: "0".repeat(64),
  data: { train: { name: "stripes", count: 30, pixels: 12, classes: 3, sha256: "1".repeat(64) } },
  definitions: {},
};

/** The snapshot of a training that is stopped after this many updates. */
export async function snapshotAfter(updates: number, net: Network, given: TrainingOptions): Promise<TrainingSnapshot> {
  const stop = new AbortController();
  let kept: TrainingSnapshot | undefined;
  let done = 0;
  await train(net, {
    ...given,
    signal: stop.signal,
    onBatch() {
      if (++done === updates) stop.abort();
    },
    onSnapshot(snapshot) {
      kept = snapshot;
    },
  });
  if (kept === undefined) throw new Error("no snapshot was kept");
  return kept;
}

/** Result of a training, without values that depend on the clock. */
export function outcome(net: Network, { epochs, best, updates }: TrainingResult): object {
  const weights = [...net.parameters].map(([name, { data }]) => [name, [...data]]);
  const reports = epochs.map(({ trainingSeconds, validationSeconds, ...rest }) => rest);
  return { weights, reports, best: best?.epoch, updates };
}
