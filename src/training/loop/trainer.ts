import { mapsOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/network.js";
import { optimizerChain } from "../../../plasticity/optimizer.js";
import type { Device, Program } from "../../device/contract.js";
import { DivergenceError, SpikevineError } from "../../errors.js";
import { feedbackOf } from "../credit/credit-assignment.js";
import { predictDistance, type WeightAlignment, weightAlignment } from "../credit/weight-alignment.js";
import { addedTerms, namedValues, type TermValues } from "../losses/index.js";
import { type FactorStatistics, factorStatistics } from "../modulation/factor-statistics.js";
import { Modulator } from "../modulation/modulation-factors.js";
import type { CheckedOptions } from "../options.js";
import { microBatchScalars } from "../plan/micro-batches.js";
import { downloadParameters, uploadParameters } from "../plan/parameters.js";
import { squaresOf, type TrainingPlan, trainingPlan, WHOLE_GRADIENTS } from "../plan/training-plan.js";
import { argmax, type Batch, type BatchArrays, partOf } from "./batches.js";
import { type StateTensor, stateOf, type TrainingSnapshot } from "./snapshot.js";

/** Sums over the samples of one batch. */
export interface BatchSums {
  readonly loss: number;
  readonly terms: TermValues;
  readonly correct: number;
}

/** Place of a batch in a training, for errors. */
interface BatchPosition {
  readonly epoch: number;
  readonly batchNumber: number;
}

/** A network on a device, ready to be trained batch by batch. */
export class Trainer {
  /** Updates made so far. */
  updates = 0;
  /** Norm of the difference of forward and feedback weights of a layer before the first update. */
  startDifferences: Record<string, number> = {};

  /** Penalties of the current weights, by the position of the term in the loss. */
  #penalties: number[] = [];

  private constructor(
    readonly network: Network,
    private readonly options: CheckedOptions,
    readonly program: Program,
    readonly compiled: TrainingPlan,
    private readonly modulator: Modulator | undefined,
  ) {}

  /**
   * Compiles the training of a network for a device and uploads its arrays, or those of the snapshot to resume from.
   */
  static async create(network: Network, options: CheckedOptions, device: Device): Promise<Trainer> {
    const compiled = trainingPlan(network, options);
    const program = await device.compile(compiled.plan);
    const { modulation } = optimizerChain(options.optimizer);
    const modulator = modulation && new Modulator(network, program, modulation, compiled.modulation);
    const trainer = new Trainer(network, options, program, compiled, modulator);
    await (options.resume === undefined ? trainer.begin() : trainer.restore(options.resume));
    return trainer;
  }

  private async begin(): Promise<void> {
    const { compiled, network, program } = this;
    await uploadParameters(network, program);
    for (const [tensor, { data }] of compiled.feedback) await program.writeTensor(tensor, data);
    for (const [tensor, values] of compiled.updates.initial) await program.writeTensor(tensor, values);
    for (const { name: layer } of mapsOf(network)) {
      const feedback = compiled.feedback.get(feedbackOf(layer));
      if (feedback === undefined) continue;
      const weights = network.parameters.get(`${layer}.weights`)!.data;
      this.startDifferences[layer] = weightAlignment(weights, feedback.data).difference;
    }
    await this.firstFactors();
  }

  private async restore(snapshot: TrainingSnapshot): Promise<void> {
    const { compiled, network, program } = this;
    const { tensors } = compiled.plan;
    for (const name of compiled.state) await program.writeTensor(name, stateOf(snapshot, name, tensors[name]!));
    await downloadParameters(network, program);
    this.updates = snapshot.progress.updates;
    this.startDifferences = { ...snapshot.progress.startDifferences };
    await this.firstFactors();
  }

  /** Computes factors from the weights that training starts or resumes with. */
  private async firstFactors(): Promise<void> {
    await this.#readPenalty();
    if (this.modulator === undefined) return;
    if (this.compiled.modulation.sums.length > 0) await this.program.run("importance", { samples: 1 });
    await this.modulator.modulate(await this.modulator.importance(), this.drawKey);
  }

  /** Computes the penalties of the weights that the next update starts from. */
  async #readPenalty(): Promise<void> {
    const { penalties } = this.compiled.loss;
    const weights = new Map<string, Float32Array>();
    for (const name of penalties.weights) weights.set(name, await this.program.readTensor(name));
    this.#penalties = penalties.values((name) => weights.get(name)!);
  }

  /** Keys of the draws of a modulation's controls. */
  private get drawKey(): { seed: number; update: number } {
    return { seed: this.options.seed, update: this.updates };
  }

  /** Copies all arrays that outlive an update. */
  async state(): Promise<Map<string, StateTensor>> {
    const state = new Map<string, StateTensor>();
    for (const name of this.compiled.state) {
      state.set(name, { ...this.compiled.plan.tensors[name]!, data: await this.program.readTensor(name) });
    }
    return state;
  }

  /** Modulation factors of each layer, as last computed; empty without a modulation. */
  get factors(): Readonly<Record<string, Float32Array>> | undefined {
    return this.modulator?.factors;
  }

  /** Statistics of the modulation factors. */
  get factorStatistics(): Record<string, FactorStatistics> | undefined {
    if (this.factors === undefined) return undefined;
    return Object.fromEntries(Object.entries(this.factors).map(([layer, m]) => [layer, factorStatistics(m)]));
  }

  /** Alignment of the forward and feedback weights of every layer; empty for layers without feedback weights. */
  async symmetry(): Promise<Record<string, WeightAlignment>> {
    const { program, compiled, startDifferences } = this;
    const temperature = optimizerChain(this.options.optimizer).optimizer.parameters.temperature?.value;
    const found: Record<string, WeightAlignment> = {};
    for (const [layer, start] of Object.entries(startDifferences)) {
      const weights = await program.readTensor(`${layer}.weights`);
      const compared = weightAlignment(weights, await program.readTensor(feedbackOf(layer)));
      const pathLength = `${layer}.weights.pathLength`;
      found[layer] = {
        angle: compared.angle,
        normRatio: compared.normRatio,
        relativeDistance: compared.difference / start,
        ...(temperature !== undefined && Object.hasOwn(compiled.updates.tensors, pathLength)
          ? { predictedDistance: predictDistance(await program.readTensor(pathLength), temperature) }
          : {}),
      };
    }
    return found;
  }

  /**
   * Makes one update.
   * @throws SpikevineError naming layer, epoch and batch as soon as the loss or a trained array is not finite, or a
   * state of the optimizer exceeds its limit.
   */
  async update(batch: Batch, epoch: number, progress: number, batchNumber: number): Promise<BatchSums> {
    const { program, options, compiled } = this;
    const k = this.updates + 1;
    const rate = options.schedule({ epoch: progress, epochs: options.epochs });
    if (!Number.isFinite(rate)) {
      throw new SpikevineError(`train: the schedule gives ${rate} at epoch ${progress}; give finite numbers.`);
    }
    const clip = options.maxGradNorm !== undefined;
    const drawn = options.resampleEachEpoch === false ? 1 : epoch;
    if (this.modulator?.asksForBatch) {
      const importance = await this.modulator.importance({ batch, seed: options.seed, epoch: drawn });
      await this.modulator.modulate(importance, this.drawKey);
    }
    const scalars = clip ? {} : compiled.updates.scalars(k, rate, 1);
    const sums =
      options.microBatchSize < options.batchSize
        ? await this.#inMicroBatches(batch, drawn, scalars, { epoch, batchNumber })
        : await this.#gradients(batch, drawn, scalars, { epoch, batchNumber });
    if (clip) {
      const norm = await this.gradientNorm();
      const scale = norm > options.maxGradNorm! ? options.maxGradNorm! / norm : 1;
      await program.run("update", { samples: 1, scalars: compiled.updates.scalars(k, rate, scale) });
    }
    this.updates = k;
    for (const { tensor, what, values, largest, advice } of compiled.updates.limits) {
      const [squares] = await program.readTensor(squaresOf(tensor));
      // A tolerance of 1 % covers the rounding of the sum in single precision.
      if (!(squares! <= 1.01 * values * largest ** 2)) {
        throw this.diverged(`${what} has left its bounds (0 to ${largest})`, epoch, batchNumber, advice);
      }
    }
    for (const name of compiled.watched) {
      const [squares] = await program.readTensor(squaresOf(name));
      if (!Number.isFinite(squares)) throw this.diverged(`${name} is not finite`, epoch, batchNumber);
    }
    if (this.modulator !== undefined && !this.modulator.asksForBatch) {
      const importance = await this.modulator.importance();
      for (const [layer, values] of importance) {
        const sum = values.reduce((a, b) => a + b, 0);
        if (!Number.isFinite(sum)) throw this.diverged(`${layer}.weights is not finite`, epoch, batchNumber);
      }
      await this.modulator.modulate(importance, this.drawKey);
    }
    await this.#readPenalty();
    return sums;
  }

  /** Computes the gradients of the samples of a run, and of a whole batch the update. */
  async #gradients(
    batch: BatchArrays,
    drawn: number,
    scalars: Readonly<Record<string, number>>,
    { epoch, batchNumber }: BatchPosition,
  ): Promise<BatchSums> {
    await this.program.run("train", {
      samples: batch.samples,
      signals: { pixels: batch.pixels, ...(this.compiled.loss.usesTargets ? { target: batch.target } : {}) },
      sampleIds: batch.sampleIds,
      seed: this.options.seed,
      epoch: drawn,
      scalars,
    });
    return this.readSums(batch, epoch, batchNumber);
  }

  /** Adds up the gradients of a batch from micro-batch to micro-batch, then makes the update. */
  async #inMicroBatches(
    { samples, pixels, target, labels, sampleIds }: BatchArrays,
    drawn: number,
    scalars: Readonly<Record<string, number>>,
    at: BatchPosition,
  ): Promise<BatchSums> {
    const { microBatchSize: size, reduction } = this.options;
    // The samples of a batch in time are gathered when they are asked for.
    const whole = { samples, pixels, target, labels, sampleIds };
    let sums: BatchSums = { loss: 0, terms: {}, correct: 0 };
    for (let first = 0; first < samples; first += size) {
      const part = partOf(whole, first, Math.min(size, samples - first));
      const share = reduction === "sum" ? 1 : part.samples / samples;
      const own = await this.#gradients(part, drawn, microBatchScalars(first, share), at);
      sums = {
        loss: sums.loss + own.loss,
        terms: addedTerms(sums.terms, own.terms),
        correct: sums.correct + own.correct,
      };
    }
    await this.program.run(WHOLE_GRADIENTS, { samples: 1, scalars });
    return sums;
  }

  private async readSums(batch: BatchArrays, epoch: number, batchNumber: number): Promise<BatchSums> {
    const { names, reported, values } = this.compiled.loss;
    const sums = new Map<string, number>();
    for (const signal of values) {
      const losses = await this.program.readSignal("train", signal);
      sums.set(
        signal,
        losses.reduce((sum, value) => sum + value, 0),
      );
    }
    const readout = await this.program.readSignal("train", "readout");
    const { outputs } = this.network;
    let correct = 0;
    for (let b = 0; b < batch.samples; b++) {
      if (argmax(readout, b * outputs, outputs) === batch.labels[b]) correct++;
    }
    const terms = reported(sums, batch.samples).map((value, i) => value + batch.samples * this.#penalties[i]!);
    const loss = terms.reduce((sum, value) => sum + value, 0);
    if (!Number.isFinite(loss)) {
      const layer = this.network.layerNames.at(-1);
      throw this.diverged(`the loss is ${loss}, from the output of ${layer}`, epoch, batchNumber);
    }
    return { loss, terms: namedValues(names, terms), correct };
  }

  private async gradientNorm(): Promise<number> {
    let sum = 0;
    for (const name of this.compiled.trained) {
      sum += (await this.program.readTensor(squaresOf(`${name}.gradient`)))[0]!;
    }
    return Math.sqrt(sum);
  }

  private diverged(
    what: string,
    epoch: number,
    batch: number,
    advice = "lower the learning rate or clip the gradient",
  ): DivergenceError {
    return new DivergenceError(
      `train: ${what} at epoch ${epoch}, batch ${batch}; the weights of the last completed epoch are kept; ${advice}.`,
    );
  }
}
