import { type Images, imagesFor } from "../images.js";
import { modelFor } from "../model.js";
import { PlainNetwork } from "../plain/network.js";
import { plainUpdate } from "../plain/optimizers.js";
import { THRESHOLD, type Workload } from "../workloads.js";
import type { Contestant, Job } from "./contestant.js";

/** The plain typed-array implementation, on one thread. */
export async function plain({ workload, surrogate, input }: Job): Promise<Contestant> {
  const { parameters } = modelFor(workload, surrogate, input);
  const layers = workload.sizes.slice(1).map((units, i) => ({
    weights: parameters.get(`layer${i + 1}.weights`)!.data,
    thresholds: new Float32Array(units).fill(THRESHOLD),
  }));
  const net = new PlainNetwork(workload, layers, surrogate);
  const updates = net.layers.flatMap((layer) => [
    plainUpdate(workload.rule, layer.weights, layer.weightGradient),
    plainUpdate(workload.rule, layer.thresholds, layer.thresholdGradient),
  ]);
  const batches = imagesFor(workload).map((images) => ({ images, spikes: newSpikes(workload) }));
  for (const { images, spikes } of batches) drawSpikes(images, workload, spikes);
  return {
    executor: "typed arrays, one thread",
    async step(k) {
      const { images, spikes } = batches[k % batches.length]!;
      if (input === "online") drawSpikes(images, workload, spikes);
      net.forward(spikes);
      if (workload.mode === "infer") return;
      net.backward(spikes, images.labels);
      for (const update of updates) update();
    },
    async close() {},
  };
}

const newSpikes = ({ steps, batch, sizes }: Workload): Uint8Array => new Uint8Array(steps * batch * sizes[0]!);

/** Bernoulli spikes of every pixel at every step, `[steps * batch, pixels]`. */
function drawSpikes({ probabilities }: Images, { steps }: Workload, spikes: Uint8Array): void {
  const values = probabilities.length;
  for (let t = 0; t < steps; t++) {
    for (let i = 0; i < values; i++) spikes[t * values + i] = Math.random() < probabilities[i]! ? 1 : 0;
  }
}
