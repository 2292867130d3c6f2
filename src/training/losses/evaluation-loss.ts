import { isOfEveryStep } from "../../../losses/input.js";
import type { Network } from "../../../networks/network.js";
import type { Operation, Program, SignalSpec } from "../../device/contract.js";
import { type CompiledLoss, compileLoss } from "../../device/host/index.js";
import { gradientOf } from "../plan/backward.js";
import { addComputed, inputPlan } from "./operations.js";
import { type LossOption, termsOf } from "./option.js";
import { type PenaltyPlan, penaltyPlan } from "./penalties.js";
import { type PlacedTerm, placeTerms, type TargetRows } from "./placed-terms.js";
import { termNames } from "./term-values.js";

/** A term, computed on the host from the numbers that it reads. */
interface ReadTerm extends PlacedTerm {
  readonly compiled: CompiledLoss;
  readonly signal: string;
  /** What the term reads of the latest batch, `[samples, rows, width]`. */
  values: Float32Array;
  /** True if the term is part of the loss. */
  readonly counts: boolean;
}

/**
 * The loss of an evaluation, computed on the host: the sum of its terms with targets (of all terms if none has targets), since
 * penalties and regularization belong to training. The value of every term is known by itself.
 */
export class EvaluationLoss {
  readonly #terms: readonly ReadTerm[];
  readonly #steps: number;
  readonly #signals: Record<string, SignalSpec> = {};
  readonly #operations: Operation[] = [];
  readonly #penalties: PenaltyPlan;
  /** Names of the terms, penalties included. */
  readonly names: readonly string[];

  /**
   * @param steps Time steps of a presentation.
   * @param run Time steps of a run of the device.
   * @throws SpikevineError if a term does not fit the network.
   */
  constructor(network: Network, option: LossOption, targets: TargetRows, steps: number, run: number) {
    this.#steps = steps;
    const given = termsOf(option);
    this.names = termNames(given);
    this.#penalties = penaltyPlan(network, given, gradientOf);
    const placed = placeTerms({ ...network, steps }, given, targets);
    const isSupervised = placed.some(({ kernel }) => kernel.target !== "none");
    this.#terms = placed.map((term) => {
      const plan = inputPlan(network, term, { steps: run, stream: true, visible: true });
      addComputed(plan.computed, { signals: this.#signals, operations: this.#operations });
      const compiled = compileLoss(term.kernel, { outputs: term.width, steps });
      const counts = !isSupervised || term.kernel.target !== "none";
      return { ...term, compiled, signal: plan.signal, values: new Float32Array(0), counts };
    });
  }

  /** States of a layer that the terms read. */
  states(layer: string): readonly string[] {
    return this.#terms.flatMap(({ node, input }) =>
      node.name === layer && "state" in input ? [input.state as string] : [],
    );
  }

  /** Adds what the terms read to a forward pass. */
  addTo(pass: { readonly signals: Record<string, SignalSpec>; readonly operations: Operation[] }): void {
    Object.assign(pass.signals, this.#signals);
    pass.operations.push(...this.#operations);
    for (const { signal } of this.#terms) {
      const spec = pass.signals[signal]!;
      if (spec.role === "scratch") pass.signals[signal] = { ...spec, role: "result" };
    }
  }

  /** Reads the values of every step of a run. */
  async collect(program: Program, procedure: string, samples: number, firstStep: number): Promise<void> {
    for (const term of this.#terms) {
      if (!isOfEveryStep(term.input)) continue;
      const { width, signal } = term;
      const perSample = this.#steps * width;
      if (firstStep === 0) term.values = new Float32Array(samples * perSample);
      const read = await program.readSignal(procedure, signal);
      const part = read.length / samples;
      for (let b = 0; b < samples; b++) {
        term.values.set(read.subarray(b * part, (b + 1) * part), b * perSample + firstStep * width);
      }
    }
  }

  /**
   * Reads the values of the whole presentation, after its last run.
   * @param readout The network's read-out `[samples, outputs]`, a rate as a rate.
   */
  async finish(program: Program, procedure: string, readout: Float32Array): Promise<void> {
    for (const term of this.#terms) {
      if (isOfEveryStep(term.input)) continue;
      if (term.signal === "readout") term.values = readout;
      else {
        const scale = term.input.name === "rate" ? 1 / this.#steps : 1;
        term.values = (await program.readSignal(procedure, term.signal)).map((value) => value * scale);
      }
    }
  }

  /** The penalties of the weights on a device, by the position of the term; 0 for the other terms. */
  async penalties(program: Program): Promise<number[]> {
    const weights = new Map<string, Float32Array>();
    for (const name of this.#penalties.weights) weights.set(name, await program.readTensor(name));
    return this.#penalties.values((name) => weights.get(name)!);
  }

  /**
   * The loss of a sample of the batch: every term's mean over outputs and steps, times its weight, summed over the terms.
   * @param sums Receives the sum over samples of every term, by its position.
   */
  of(sample: number, targets: Float32Array, sums: Float64Array): number {
    let sum = 0;
    for (const { compiled, kernel, term, index, size, values, width, counts } of this.#terms) {
      const rows = (data: Float32Array, count: number) => ({
        data,
        start: sample * count * width,
        stride: count === 1 ? 0 : width,
      });
      const value = compiled({
        y: rows(values, kernel.rows === "steps" ? this.#steps : 1),
        target: kernel.target === "none" ? undefined : rows(targets, kernel.target === "steps" ? this.#steps : 1),
      });
      const weighted = (value * term.weight) / size;
      sums[index]! += weighted;
      if (counts) sum += weighted;
    }
    return sum;
  }
}
