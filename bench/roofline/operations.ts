import type { Device, Operation, Program, RunInputs } from "../../src/device/contract.js";
import { uploadParameters } from "../../src/training/plan/parameters.js";
import { type TrainingPlan, trainingPlan } from "../../src/training/plan/training-plan.js";
import { trainingOptions } from "../contestants/spikevine.js";
import { imagesFor, oneHot } from "../images.js";
import { modelFor } from "../model.js";
import { median } from "../statistics.js";
import { inputsOf, type Surrogate, type Workload } from "../workloads.js";

export interface Timing {
  /** Durations of the warm-up and of the measurement of an operation, ms. */
  readonly warmUp: number;
  readonly measured: number;
}

/** Number of additional copies of the operation in the plan. */
const MORE = 8;

/**
 * Times single operations of a workload's own training plan through the device's public contract: two plans, both the
 * training plan cut off after the operation, one with `MORE` additional copies of the operation. Their runs are interleaved,
 * and the difference of the medians is the cost of the operation on its real data. Preparations that several operations
 * share (e.g. transposed weights) are made once by either plan, so they are not in the difference.
 *
 * The clock is the processor time of this process, which other work on the machine hardly affects; the device has one
 * thread.
 */
export class OperationBench {
  readonly #device: Device;
  readonly #model: ReturnType<typeof modelFor>;
  readonly #compiled: TrainingPlan;
  readonly #inputs: RunInputs;

  constructor(device: Device, workload: Workload, surrogate: Surrogate) {
    this.#device = device;
    this.#model = modelFor(workload, surrogate, inputsOf(workload).at(-1)!);
    this.#compiled = trainingPlan(this.#model, trainingOptions(workload, this.#model));
    const { probabilities, labels } = imagesFor(workload)[0]!;
    this.#inputs = {
      samples: workload.batch,
      signals: { pixels: probabilities, target: oneHot(labels, workload.sizes.at(-1)!) },
      sampleIds: Uint32Array.from({ length: workload.batch }, (_, i) => i),
      seed: 1,
      epoch: 1,
      scalars: this.#compiled.updates.scalars(1, 1, 1),
    };
  }

  /** Milliseconds of one execution of the first operation that `isIt` accepts. */
  async milliseconds(isIt: (operation: Operation) => boolean, timing: Timing): Promise<number> {
    const operations = this.#compiled.plan.procedures.train!.operations;
    const index = operations.findIndex(isIt);
    if (index < 0) throw new Error("the training plan has no such operation");
    const { op } = operations[index]!;
    // Operations on tensors alone need no earlier operations, and are measured better without them.
    const upTo = op === "update" || op === "reduce" ? [operations[index]!] : operations.slice(0, index + 1);
    const readers = operations.slice(index + 1).filter((after) => takesErrorOf(after, operations[index]!));
    const once = await this.#program([...upTo, ...readers]);
    const often = await this.#program([...upTo, ...Array<Operation>(MORE).fill(operations[index]!), ...readers]);
    const times = { once: [] as number[], often: [] as number[] };
    const start = processorTime();
    let now = start;
    while (now - start < timing.warmUp + timing.measured || times.once.length < 3) {
      await once.run("train", this.#inputs);
      const afterOnce = processorTime();
      await often.run("train", this.#inputs);
      const afterOften = processorTime();
      if (afterOnce - start > timing.warmUp) {
        times.once.push(afterOnce - now);
        times.often.push(afterOften - afterOnce);
      }
      now = afterOften;
    }
    await once.dispose();
    await often.dispose();
    return (median(times.often) - median(times.once)) / MORE;
  }

  async #program(operations: readonly Operation[]): Promise<Program> {
    const { tensors, procedures } = this.#compiled.plan;
    const program = await this.#device.compile({
      tensors,
      procedures: { train: { ...procedures.train!, operations } },
    });
    await uploadParameters(this.#model, program);
    return program;
  }
}

/** True if an operation is the scan that receives an error. Its active units determine how the error is computed. */
const takesErrorOf = (operation: Operation, propagation: Operation): boolean =>
  propagation.op === "inputGradient" &&
  operation.op === "adjointScan" &&
  operation.errors.some(({ signal }) => signal === propagation.to);

/** Milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
