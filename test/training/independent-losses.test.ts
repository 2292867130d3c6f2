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
import { gradients } from "#spikevine/src/training/index";
import { backpropagate, type SampleLoss } from "./tape/backpropagation.js";
import * as tape from "./tape/losses.js";
import { VARIANTS } from "./tape/neurons.js";
import { observe } from "./tape/observe.js";
import { makeNetwork, type NetworkChoice } from "./tape/random-network.js";

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

/** The terms of a loss, and the same loss on the tape. */
const cases = (state: string): Readonly<Record<string, readonly [terms: readonly LossTerm[], own: SampleLoss]>> => ({
  "cross-entropy of the count": [[crossEntropy()], count],
  "cross-entropy of the count with a scale": [[crossEntropy({ scale: 0.4 })], tape.crossEntropyOfCounts(0.4)],
  "cross-entropy of every output": [[crossEntropy({ of: everyOutput() })], tape.crossEntropyOfEveryOutput],
  "cross-entropy of every state": [[crossEntropy({ of: everyState(state) })], tape.crossEntropyOfEveryState],
  "mean-squared-error of the rate": [[meanSquaredError({ of: spikeRate() })], tape.squaredErrorOfRates],
  "mean-squared-error of every state": [[meanSquaredError({ of: everyState(state) })], tape.squaredErrorOfEveryState],
  "mean-squared-count": [[meanSquaredCount({ correct: 0.8, incorrect: 0.3 })], tape.squaredErrorOfCounts(0.8, 0.3)],
  "first-spike": [[firstSpike({ scale: 0.5 })], tape.entropyOfFirstSpikes(0.5)],
  "largest-potential": [[largestPotential({ state })], tape.entropyOfLargestStates],
  "rate-regularization": [
    [crossEntropy(), rateRegularization({ rate: 0.37 })],
    tape.both(count, tape.distanceFromRate(0.37)),
  ],
  "rate-bounds": [
    [crossEntropy(), rateBounds({ lower: 0.33, upper: 0.11 })],
    tape.both(count, tape.boundsOfRates(0.33, 0.11)),
  ],
  "l1-penalty": [[crossEntropy(), l1Penalty({ weight: 0.1 })], tape.both(count, tape.sumOfAbsoluteWeights(0.1))],
  "l2-penalty": [[crossEntropy(), l2Penalty({ weight: 0.1 })], tape.both(count, tape.sumOfSquaredWeights(0.1))],
});

/** Spiking neurons with a state that has no unit. */
const SPIKING = VARIANTS.filter(
  ({ isSpiking, state, current }) => isSpiking && state !== undefined && current === undefined,
);

const choiceOf = (index: number, seed: number): NetworkChoice => {
  const at = (shift: number) => SPIKING[(index + shift) % SPIKING.length]!;
  const common = { surrogate: "fastSigmoid", recurrent: true, bias: true, dropout: false, train: "unit" } as const;
  return {
    layers: [
      { variant: at(0), units: 6, ...common },
      { variant: at(5), units: 4, ...common, recurrent: false },
    ],
    inputs: 5,
    samples: 3,
    steps: 7,
    encoder: "rate",
    readout: "count",
    loss: "cross-entropy",
    reduction: "mean",
    truncate: undefined,
    seed,
  };
};

/** Networks per loss; the neurons differ from loss to loss. */
const NETWORKS = 1;

describe("gradients of a loss equal those of an independent tape", () => {
  it.each(Object.keys(cases("v")).map((name, index) => [name, index] as const))("%s", async (name, index) => {
    for (let drawn = 0, seed = 1 + index; drawn < NETWORKS; seed += 7919) {
      const choice = choiceOf(index + 3 * drawn, seed);
      const [loss, own] = cases(choice.layers.at(-1)!.variant.state!)[name]!;
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
        const result = await gradients(net, data, { loss, device, seed });
        expect(Math.abs(result.loss - exact.loss), `${at}: loss`).toBeLessThan(1e-5 * Math.max(1, exact.loss));
        for (const [array, values] of exact.gradients) {
          const here = result.gradients.get(array)!;
          const error = Math.max(...values.map((value, i) => Math.abs(value - here[i]!)));
          expect(error, `${at}: ${array} is ${here}, right is ${values}`).toBeLessThanOrEqual(1e-5 * largest);
        }
      }
    }
  });

  it("is every loss that is ready-made", () => {
    const used = Object.values(cases("v")).flatMap(([terms]) => terms.map((term) => term.loss.name));
    expect([...new Set(used)].sort()).toEqual(Object.keys(losses).sort());
  });
});
