import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  crossEntropy,
  everyOutput,
  everyState,
  firstSpike,
  type LossTerm,
  l1Penalty,
  l2Penalty,
  largestPotential,
  losses,
  meanSquaredCount,
  meanSquaredError,
  rateBounds,
  rateRegularization,
} from "#spikevine/losses/index";
import { spikeRate } from "#spikevine/networks/index";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { gradients, type Reduction } from "#spikevine/src/training/index";
import { exhaustive } from "../exhaustive.js";
import { backpropagate, type SampleLoss } from "./tape/backpropagation.js";
import * as tape from "./tape/losses.js";
import { VARIANTS } from "./tape/neurons.js";
import { observe } from "./tape/observe.js";
import { makeNetwork, type NetworkChoice, uniforms } from "./tape/random-network.js";

const DEVICES = ["reference", "simd", "gpujs:cpu"] as const;
/** Distance from a corner within which single precision may be on its other side. */
const CLOSE = 1e-4;

const devices = new Map<string, Device>();
beforeAll(async () => {
  for (const name of DEVICES) devices.set(name, (await openDevice(name)).device);
});
afterAll(async () => {
  for (const device of devices.values()) await device.dispose();
});

const count = tape.crossEntropyOfCounts(1);

/** Values of a sample that a loss averages, as its page of the documentation says: one per output, per step, or one in all. */
type Values = (sizes: { readonly outputs: number; readonly steps: number }) => number;
const one: Values = () => 1;
const perOutput: Values = ({ outputs }) => outputs;
const perStep: Values = ({ steps }) => steps;
const perOutputAndStep: Values = ({ outputs, steps }) => outputs * steps;
/** A penalty of the weights is no loss of samples. */
const ofWeights = "of weights";

/** A term of a loss, the same on the tape as a mean, and the values of a sample that the mean is over. */
type Part = readonly [term: LossTerm, own: SampleLoss, values: Values | typeof ofWeights];

const cases = (state: string): Readonly<Record<string, readonly Part[]>> => ({
  "cross-entropy of the count": [[crossEntropy(), count, one]],
  "cross-entropy of the count with a scale": [[crossEntropy({ scale: 0.4 }), tape.crossEntropyOfCounts(0.4), one]],
  "cross-entropy of every output": [[crossEntropy({ of: everyOutput() }), tape.crossEntropyOfEveryOutput, perStep]],
  "cross-entropy of every state": [[crossEntropy({ of: everyState(state) }), tape.crossEntropyOfEveryState, perStep]],
  "mean-squared-error of the rate": [[meanSquaredError({ of: spikeRate() }), tape.squaredErrorOfRates, perOutput]],
  "mean-squared-error of every state": [
    [meanSquaredError({ of: everyState(state) }), tape.squaredErrorOfEveryState, perOutputAndStep],
  ],
  "mean-squared-count": [
    [meanSquaredCount({ correct: 0.8, incorrect: 0.3 }), tape.squaredErrorOfCounts(0.8, 0.3), perOutput],
  ],
  "first-spike": [[firstSpike({ scale: 0.5 }), tape.entropyOfFirstSpikes(0.5), one]],
  "largest-potential": [[largestPotential({ state }), tape.entropyOfLargestStates, one]],
  "rate-regularization": [
    [crossEntropy(), count, one],
    [rateRegularization({ rate: 0.37 }), tape.distanceFromRate(0.37), one],
  ],
  "rate-bounds": [
    [crossEntropy(), count, one],
    [rateBounds({ lower: 0.33, upper: 0.11 }), tape.boundsOfRates(0.33, 0.11), one],
  ],
  "l1-penalty": [
    [crossEntropy(), count, one],
    [l1Penalty({ weight: 0.1 }), tape.sumOfAbsoluteWeights(0.1), ofWeights],
  ],
  "l2-penalty": [
    [crossEntropy(), count, one],
    [l2Penalty({ weight: 0.1 }), tape.sumOfSquaredWeights(0.1), ofWeights],
  ],
});

/** The loss of one sample on the tape, of which the batch has the mean: the means and sums of a reduction. */
function reduced(parts: readonly Part[], { reduction, layers, steps, samples }: NetworkChoice): SampleLoss {
  const outputs = layers.at(-1)!.units;
  return parts
    .map(([, own, values]): SampleLoss => {
      if (values === ofWeights || reduction === "mean") return own;
      const factor = values({ outputs, steps }) * (reduction === "sum" ? samples : 1);
      return (onTape, sample) => onTape.scale(own(onTape, sample), factor);
    })
    .reduce(tape.both);
}

/** Spiking neurons with a state that has no unit. */
const SPIKING = VARIANTS.filter(
  ({ isSpiking, state, current }) => isSpiking && state !== undefined && current === undefined,
);

/** A network of one to three layers; the neurons differ from loss to loss. */
function choiceOf(index: number, seed: number, reduction: Reduction): NetworkChoice {
  const uniform = uniforms(seed);
  const whole = (least: number, most: number): number => least + Math.floor(uniform() * (most - least + 1));
  const depth = whole(1, 3);
  const layers = Array.from({ length: depth }, (_, layer) => ({
    variant: SPIKING[(index + 5 * layer) % SPIKING.length]!,
    units: layer === depth - 1 ? whole(3, 4) : whole(4, 6),
    surrogate: "fastSigmoid" as const,
    recurrent: uniform() < 0.5,
    bias: uniform() < 0.7,
    dropout: false,
    train: "unit" as const,
  }));
  return {
    layers,
    inputs: 5,
    samples: whole(2, 4),
    steps: whole(5, 8),
    encoder: "rate",
    readout: "count",
    loss: "cross-entropy",
    reduction,
    truncate: undefined,
    seed,
  };
}

const REDUCTIONS = ["mean", "batch", "sum"] as const;
/** Networks per loss. The reductions take turns, from network to network and from loss to loss. */
const NETWORKS = exhaustive ? 6 : 1;

describe("gradients of a loss equal those of an independent tape", () => {
  it.each(Object.keys(cases("v")).map((name, index) => [name, index] as const))("%s", async (name, index) => {
    for (let drawn = 0, seed = 1 + index; drawn < NETWORKS; seed += 7919) {
      const reduction = REDUCTIONS[(index + drawn) % REDUCTIONS.length]!;
      const choice = choiceOf(index + 3 * drawn, seed, reduction);
      const parts = cases(choice.layers.at(-1)!.variant.state!)[name]!;
      const loss = parts.map(([term]) => term);
      const own = reduced(parts, choice);
      const { net, data } = makeNetwork(choice, seed);
      const found = [];
      for (const [at, device] of devices) {
        const exact = backpropagate(choice, net, data, await observe(net, data, device, seed), seed, own);
        found.push({ at, device, exact });
      }
      const largest = Math.max(
        ...[...found[0]!.exact.gradients.values()].flatMap((values) => [...values].map(Math.abs)),
      );
      // A potential too close to a threshold, or units that are all silent.
      if (found.some(({ exact }) => exact.margin < CLOSE) || largest < 1e-3) continue;
      drawn++;
      for (const { at, device, exact } of found) {
        const result = await gradients(net, data, { loss, reduction, device, seed });
        expect(Math.abs(result.loss - exact.loss), `${at}: ${reduction} of the loss`).toBeLessThan(
          1e-5 * Math.max(1, exact.loss),
        );
        for (const [array, values] of exact.gradients) {
          const here = result.gradients.get(array)!;
          const error = Math.max(...values.map((value, i) => Math.abs(value - here[i]!)));
          expect(error, `${at}: ${array} is ${here}, right is ${values}`).toBeLessThanOrEqual(1e-5 * largest);
        }
      }
    }
  });

  it("is every loss that is ready-made", () => {
    const used = Object.values(cases("v")).flatMap((parts) => parts.map(([term]) => term.loss.name));
    expect([...new Set(used)].sort()).toEqual(Object.keys(losses).sort());
  });
});
