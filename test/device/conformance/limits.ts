import type { Device } from "#spikevine/src/device/contract";
import { type Expression, evaluate } from "#spikevine/src/equations/language/expression";
import type { ConformanceCase } from "./case.js";
import { bernoulli, descent } from "./kernels.js";
import { type LayerSpec, type NetworkSpec, networkCase } from "./network-case.js";
import { snu } from "./network-cases.js";
import { type Observation, observe, type Values } from "./observe.js";

/** Distance of a device from double precision after ten updates of one network on the same seed and batches. */
export interface LimitsReport {
  readonly inputSpikesDiffering: number;
  readonly hiddenSpikes: number;
  readonly hiddenSpikesDiffering: number;
  /**
   * Distance of the state from the threshold, relative to the largest state of the layer, for every differing spike that
   * no earlier difference in the same sample can have caused.
   */
  readonly distances: readonly number[];
  /** Norm of the difference relative to the norm, largest over the tensors: gradients of the first update ... */
  readonly gradientError: number;
  /** ... and weights after the last. */
  readonly weightError: number;
}

/** Thresholds stay where they are, so that the distance of a state from its threshold is well defined. */
const NUMBERS = { b: -0.5, l: 0.8 };
const fixed: Partial<LayerSpec> = { parameters: { b: [NUMBERS.b, "fixed"], l: [NUMBERS.l, "fixed"] } };
const LAYERS = [snu(128, fixed), snu(64, { ...fixed, bias: true }), snu(10, fixed)];

const SPEC: NetworkSpec = {
  seed: 3,
  inputs: 300,
  encoder: bernoulli(0.5),
  layers: LAYERS,
  batch: 8,
  samples: 7,
  steps: 20,
  readout: "sum",
  loss: "mean-squared-error",
  reduction: "mean",
  updates: 10,
  rule: descent(),
  scalars: { rate: 0.5 },
  visible: true,
};

const trained = networkCase("limits", SPEC);
const once: ConformanceCase = { ...trained, runs: trained.runs.slice(0, 1) };

/**
 * Runs the network on a device and measures.
 * @param expected Result of the double-precision reference for a case.
 */
export async function measureLimits(
  expected: (what: ConformanceCase) => Promise<Observation>,
  device: Device,
): Promise<LimitsReport> {
  const [wantedOnce, gotOnce] = [await expected(once), await observe(device, once)];
  const [wanted, got] = [await expected(trained), await observe(device, trained)];
  const names = Object.keys(trained.tensors);
  const spikes = hiddenSpikes(wanted, got);
  return {
    inputSpikesDiffering: count(wanted, got, (name) => name === "input").differing,
    hiddenSpikes: spikes.total,
    hiddenSpikesDiffering: spikes.differing,
    distances: trained.runs.flatMap((_, index) => unexplainedDistances(wanted, got, index)),
    gradientError: largestError(
      wantedOnce,
      gotOnce,
      names.map((name) => `tensor ${name}.gradient`),
    ),
    weightError: largestError(
      wanted,
      got,
      names.map((name) => `tensor ${name}`),
    ),
  };
}

const hiddenSpikes = (wanted: Observation, got: Observation) =>
  count(wanted, got, (name) => /^l\d+\.output$/.test(name));

function count(wanted: Observation, got: Observation, chosen: (name: string) => boolean) {
  let total = 0;
  let differing = 0;
  for (const [key, values] of wanted.arrays) {
    if (!chosen(key.replace(/^run \d+: /, ""))) continue;
    const others = got.arrays.get(key)!;
    total += values.length;
    for (let n = 0; n < values.length; n++) if (values[n] !== others[n]) differing++;
  }
  return { total, differing };
}

/**
 * The distances of the first differing spikes of each sample in one run. A difference at a step may be the consequence of
 * one in a layer below at that step, or in any layer at a step before, so only those before all others count.
 */
function unexplainedDistances(wanted: Observation, got: Observation, run: number): number[] {
  const layers = LAYERS.map(({ units, neuron }, index) => {
    const at = (name: string, from = wanted): Values => from.arrays.get(`run ${run}: l${index}.${name}`)!;
    return { units, argument: spikeArgument(neuron.carry.y!), at };
  });
  const distances: number[] = [];
  for (let sample = 0; sample < SPEC.samples; sample++) {
    let found = false;
    for (let step = 0; step < SPEC.steps && !found; step++) {
      for (const { units, argument, at } of layers) {
        if (found) break;
        const states = at("now__s");
        let largest = 0;
        for (const state of states) largest = Math.max(largest, Math.abs(state));
        for (let n = 0; n < units; n++) {
          const place = (sample * SPEC.steps + step) * units + n;
          if (at("output")[place] === at("output", got)[place]) continue;
          found = true;
          const { z } = evaluate({ z: argument }, { ...NUMBERS, now__s: states[place]! });
          distances.push(Math.abs(z!) / largest);
        }
      }
    }
  }
  return distances;
}

/** Expression that is compared with 0 for a spike. */
function spikeArgument(output: Expression): Expression {
  if (output.kind === "operation" && output.operator === "spike") return output.operands[0]!;
  throw new Error("the output is not a spike");
}

function largestError(wanted: Observation, got: Observation, keys: readonly string[]): number {
  let largest = 0;
  for (const key of keys) {
    const a = wanted.arrays.get(key)!;
    const b = got.arrays.get(key)!;
    let difference = 0;
    let norm = 0;
    for (let n = 0; n < a.length; n++) {
      difference += (a[n]! - b[n]!) ** 2;
      norm += a[n]! ** 2;
    }
    if (difference > 0) largest = Math.max(largest, Math.sqrt(difference / norm));
  }
  return largest;
}
