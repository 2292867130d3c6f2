import { type NeuronNode, neuronsOf, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import type { Modulation } from "../../../plasticity/optimizer.js";
import type { Program } from "../../device/contract.js";
import { dropoutMaskOnHost } from "../../device/host/index.js";
import type { Batch } from "../loop/batches.js";
import { dependsOnBatch, factorOf, importanceOf, type ModulationPlan, presynapticOf } from "./modulation-plan.js";

/** Keys of the dropout masks of a batch. */
export interface MaskedBatch {
  readonly batch: Batch;
  readonly seed: number;
  readonly epoch: number;
}

/**
 * Modulation factors of a network in training. The host computes them from the weights on the device and uploads them.
 */
export class Modulator {
  /** Factors `[units]` (of a convolution `[channels]`) of every layer that has factors, as last computed. */
  readonly factors: Record<string, Float32Array> = {};
  readonly #neurons: readonly NeuronNode[];

  constructor(
    private readonly network: Network,
    private readonly program: Program,
    private readonly modulation: Modulation,
    private readonly plan: ModulationPlan,
  ) {
    this.#neurons = neuronsOf(network);
  }

  /** True if the factors depend on the batch. */
  get asksForBatch(): boolean {
    return dependsOnBatch(this.network, this.modulation);
  }

  /** Importance `[units]` or `[channels]` of every layer that has factors, from the current weights. */
  async importance(masked?: MaskedBatch): Promise<Map<string, Float32Array>> {
    const found = new Map<string, Float32Array>();
    for (const name of this.plan.layers) {
      found.set(name, await this.#importance(this.#indexOf(name), masked));
    }
    return found;
  }

  /** Computes the factors of all layers and uploads them for the next update. */
  async modulate(importance: ReadonlyMap<string, Float32Array>, at: { seed: number; update: number }): Promise<void> {
    for (const [name, values] of importance) {
      const layer = this.#indexOf(name);
      const factors = this.modulation.factors(values, { ...at, layer });
      this.factors[name] = factors;
      if (this.plan.errors.includes(name)) await this.program.writeTensor(factorOf(name), factors);
      if (this.modulation.grouping === "outgoing") await this.#spread(layer + 1, factors);
    }
  }

  /** Position of a layer among the layers of neurons. */
  #indexOf(name: string): number {
    return this.#neurons.findIndex((node) => node.name === name);
  }

  async #importance(layer: number, masked: MaskedBatch | undefined): Promise<Float32Array> {
    const { name } = this.#neurons[layer]!;
    if (this.modulation.grouping === "incoming") {
      const [first, ...others] = this.plan.maps.get(name)!;
      const importance = await this.program.readTensor(importanceOf(first!.name));
      for (const map of others) {
        const more = await this.program.readTensor(importanceOf(map.name));
        more.forEach((value, n) => {
          importance[n]! += value;
        });
      }
      const kept = this.#kept(layer, masked);
      return kept === undefined ? importance : importance.map((i, n) => (kept[n] === 0 ? 0 : i));
    }
    const above = this.#neurons[layer + 1]!;
    const weights = await this.program.readTensor(`${above.name}.weights`);
    return absoluteRowSums(weights, sizeOf(above.shape), this.#kept(layer + 1, masked));
  }

  /** Dropout mask of the first sample of a batch; undefined for a layer without dropout. */
  #kept(layer: number, masked: MaskedBatch | undefined): Float32Array | undefined {
    const { shape, dropout } = this.#neurons[layer]!;
    const units = sizeOf(shape);
    if (masked === undefined || dropout === 0) return undefined;
    const { batch, seed, epoch } = masked;
    const mask = new Float32Array(units);
    dropoutMaskOnHost(
      { keep: 1 - dropout, layer },
      { samples: 1, width: units, seed, epoch, sampleIds: batch.sampleIds },
      mask,
    );
    return mask;
  }

  /** Fills each row of the weights' factors with the factor of its presynaptic unit. */
  async #spread(layer: number, factors: Float32Array): Promise<void> {
    const { name, shape } = this.#neurons[layer]!;
    const units = sizeOf(shape);
    const spread = new Float32Array(factors.length * units);
    factors.forEach((m, row) => {
      spread.fill(m, row * units, (row + 1) * units);
    });
    await this.program.writeTensor(presynapticOf(name), spread);
  }
}

/** sum_n |weights[i, n]| over the columns that are kept. */
function absoluteRowSums(weights: Float32Array, columns: number, kept?: Float32Array): Float32Array {
  const sums = new Float32Array(weights.length / columns);
  for (let i = 0; i < sums.length; i++) {
    let sum = 0;
    for (let n = 0; n < columns; n++) {
      if (kept === undefined || kept[n] !== 0) sum += Math.abs(weights[i * columns + n]!);
    }
    sums[i] = sum;
  }
  return sums;
}
