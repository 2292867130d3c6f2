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
  /** Factors `[units]` of every layer that has factors, as last computed. */
  readonly factors: Record<string, Float32Array> = {};

  constructor(
    private readonly network: Network,
    private readonly program: Program,
    private readonly modulation: Modulation,
    private readonly plan: ModulationPlan,
  ) {}

  /** True if the factors depend on the batch. */
  get asksForBatch(): boolean {
    return dependsOnBatch(this.network, this.modulation);
  }

  /** Importance `[units]` of every layer that has factors, from the current weights. */
  async importance(masked?: MaskedBatch): Promise<Map<string, Float32Array>> {
    const found = new Map<string, Float32Array>();
    for (const name of this.plan.layers) {
      found.set(name, await this.#importance(this.network.layerNames.indexOf(name), masked));
    }
    return found;
  }

  /** Computes the factors of all layers and uploads them for the next update. */
  async modulate(importance: ReadonlyMap<string, Float32Array>, at: { seed: number; update: number }): Promise<void> {
    for (const [name, values] of importance) {
      const layer = this.network.layerNames.indexOf(name);
      const factors = this.modulation.factors(values, { ...at, layer });
      this.factors[name] = factors;
      if (this.plan.errors.includes(name)) await this.program.writeTensor(factorOf(name), factors);
      if (this.modulation.grouping === "outgoing") await this.#spread(layer + 1, factors);
    }
  }

  async #importance(layer: number, masked: MaskedBatch | undefined): Promise<Float32Array> {
    const name = this.network.layerNames[layer]!;
    if (this.modulation.grouping === "incoming") {
      const importance = await this.program.readTensor(importanceOf(name));
      const kept = this.#kept(layer, masked);
      return kept === undefined ? importance : importance.map((i, n) => (kept[n] === 0 ? 0 : i));
    }
    const above = layer + 1;
    const weights = await this.program.readTensor(`${this.network.layerNames[above]}.weights`);
    return absoluteRowSums(weights, this.network.layers[above]!.units, this.#kept(above, masked));
  }

  /** Dropout mask of the first sample of a batch; undefined for a layer without dropout. */
  #kept(layer: number, masked: MaskedBatch | undefined): Float32Array | undefined {
    const { units, dropout } = this.network.layers[layer]!;
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
    const { units } = this.network.layers[layer]!;
    const spread = new Float32Array(factors.length * units);
    factors.forEach((m, row) => {
      spread.fill(m, row * units, (row + 1) * units);
    });
    await this.program.writeTensor(presynapticOf(this.network.layerNames[layer]!), spread);
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
