import { record } from "../src/training/record.js";
import { imagesFor } from "./images.js";
import { modelFor } from "./model.js";
import { packTrains } from "./spike-trains.js";
import type { Input, Workload } from "./workloads.js";

/** Share of the units that fire in a step. */
export interface Densities {
  readonly input: number;
  /** Of every layer, the output last. */
  readonly layers: readonly number[];
}

/** Steps are alike after the first few; recording hundreds would only take memory. */
const ENOUGH_STEPS = 25;
const ENOUGH_SAMPLES = 32;

/** Measures how densely a workload fires before it is trained. */
export async function densities(workload: Workload, input: Input): Promise<Densities> {
  const model = modelFor(workload, "arctan", input);
  const { probabilities } = imagesFor(workload)[0]!;
  const images = probabilities.subarray(0, ENOUGH_SAMPLES * model.inputs);
  const recording = await record(model, input === "pre" ? packTrains(images, model.inputs) : images, {
    steps: Math.min(workload.steps, ENOUGH_STEPS),
    device: "simd",
  });
  return { input: mean(recording.input), layers: recording.layers.map(({ output }) => mean(output)) };
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
