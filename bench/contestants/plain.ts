import { type Images, imagesFor } from "../images.js";
import { modelFor } from "../model.js";
import { PlainConvolutionalNetwork } from "../plain/convolutional-network.js";
import { PlainNetwork } from "../plain/network.js";
import { plainUpdate } from "../plain/optimizers.js";
import { type Surrogate, THRESHOLD, type Workload } from "../workloads.js";
import type { Contestant, Job } from "./contestant.js";

/** The plain typed-array implementation, on one thread. */
export async function plain(job: Job): Promise<Contestant> {
  return job.workload.connections === "dense" ? plainDense(job) : plainConvolutional(job);
}

/** The plain convolutional network of a workload, and its updates. */
export function plainConvolutions(workload: Workload, surrogate: Surrogate) {
  const { parameters } = modelFor(workload, surrogate, "image");
  const of = (name: string): Float32Array => parameters.get(name)!.data;
  const net = new PlainConvolutionalNetwork(
    workload,
    {
      first: { weights: of("layer1.weights"), biases: of("layer1.bias") },
      second: { weights: of("layer4.weights"), biases: of("layer4.bias") },
      dense: of("layer8.weights"),
    },
    surrogate,
  );
  const { first, second, dense } = net;
  const updates = [
    ...[first, second, dense].map(({ weights, weightGradient }) => [weights, weightGradient] as const),
    ...[first, second].map(({ biases, biasGradient }) => [biases, biasGradient] as const),
  ].map((arrays) => plainUpdate(workload.rule, ...arrays));
  return { net, updates };
}

function plainConvolutional({ workload, surrogate }: Job): Contestant {
  const { net, updates } = plainConvolutions(workload, surrogate);
  const batches = imagesFor(workload);
  return {
    executor: "typed arrays, one thread",
    async step(k) {
      const { probabilities, labels } = batches[k % batches.length]!;
      net.train(probabilities, labels);
      for (const update of updates) update();
    },
    async close() {},
  };
}

function plainDense({ workload, surrogate, input }: Job): Contestant {
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
