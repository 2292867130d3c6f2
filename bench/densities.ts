import { record } from "../src/training/record-activity.js";
import { imagesFor } from "./images.js";
import { modelFor } from "./model.js";
import { packTrains } from "./spike-trains.js";
import type { Input, Workload } from "./workloads.js";

/** Density of a signal of spikes. */
export interface Density {
  /** Fraction of the units that fire in a step. */
  readonly firing: number;
  /**
   * Rows that are summed per unit and step, if a sample's baseline (the units that fire at most steps) is summed once and
   * every step adds or subtracts the units that differ from it.
   */
  readonly deltas: number;
}

export interface Densities {
  readonly input: Density;
  /** Density of every layer, the output last. */
  readonly layers: readonly Density[];
}

/** Steps are alike after the first few; recording hundreds would only take memory. */
const ENOUGH_STEPS = 25;
const ENOUGH_SAMPLES = 32;

/** Measures how densely a workload fires before it is trained. */
export async function densities(workload: Workload, input: Input): Promise<Densities> {
  const model = modelFor(workload, "arctan", input);
  const { probabilities } = imagesFor(workload)[0]!;
  const images = probabilities.subarray(0, ENOUGH_SAMPLES * model.inputs);
  const steps = Math.min(workload.steps, ENOUGH_STEPS);
  const recording = await record(model, input === "precomputed" ? packTrains(images, model.inputs) : images, {
    steps,
    device: "simd",
  });
  const layers = recording.layers.map(({ output, units }) => density(output, steps, units));
  return { input: density(recording.input, steps, model.inputs), layers };
}

/** Density of spikes `[samples, steps, units]`. */
function density(spikes: Float32Array, steps: number, units: number): Density {
  const samples = spikes.length / (steps * units);
  let firing = 0;
  let deltas = 0;
  for (let b = 0; b < samples; b++) {
    for (let n = 0; n < units; n++) {
      let count = 0;
      for (let t = 0; t < steps; t++) count += spikes[(b * steps + t) * units + n]!;
      firing += count;
      deltas += Math.min(count, steps - count + 1);
    }
  }
  return { firing: firing / spikes.length, deltas: deltas / spikes.length };
}
