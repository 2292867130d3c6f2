import type { Operation, RunInputs, SignalSpec, TensorSpec } from "#spikevine/src/device/contract";
import type { EncoderKernel } from "#spikevine/src/equations/kernels/kernels";
import { type ConformanceCase, identities, numbers } from "./case.js";

const SEED = 11;

/** A plan with one procedure, built step by step. */
export class Sketch {
  readonly #tensors: Record<string, TensorSpec> = {};
  readonly #initial: Record<string, Float32Array> = {};
  readonly #signals: Record<string, SignalSpec> = {};
  readonly #operations: Operation[] = [];
  readonly #inputs: Record<string, Float32Array> = {};
  readonly #size: { readonly batch: number; readonly samples: number; readonly steps: number };

  constructor(batch: number, samples: number, steps: number) {
    this.#size = { batch, samples, steps };
  }

  tensor(name: string, rows: number, columns: number, low = -1, high = 1): string {
    this.#tensors[name] = { rows, columns };
    this.#initial[name] = numbers(rows * columns, SEED, name, low, high);
    return name;
  }

  values(name: string, width: number, rows: SignalSpec["rows"] = "steps", role: SignalSpec["role"] = "result"): string {
    this.#signals[name] = { kind: "values", width, rows, role };
    return name;
  }

  spikes(name: string, width: number): string {
    this.#signals[name] = { kind: "spikes", width, rows: "steps", role: "result" };
    return name;
  }

  /** An input signal with given numbers for every sample. */
  input(name: string, width: number, low = 0, high = 1): string {
    this.#inputs[name] = numbers(this.#size.samples * width, SEED, name, low, high);
    return this.values(name, width, "sample", "input");
  }

  /** A signal that an encoder produces from new pixels. */
  encoded(name: string, width: number, encoder: EncoderKernel, low = 0, high = 1): string {
    const from = this.input(`${name}.pixels`, width, low, high);
    this.#signals[name] = { kind: encoder.output, width, rows: encoder.static ? "sample" : "steps", role: "result" };
    this.add({ op: "encode", encoder, stream: 2, from, to: name });
    return name;
  }

  add(operation: Operation): this {
    this.#operations.push(operation);
    return this;
  }

  /** The finished case: one run, or one for each of the given additions to its inputs. */
  case(name: string, runs: readonly Partial<RunInputs>[] = [{}]): ConformanceCase {
    const { batch, samples, steps } = this.#size;
    const inputs: RunInputs = {
      samples,
      signals: this.#inputs,
      sampleIds: identities(samples, SEED),
      seed: SEED,
      epoch: 3,
    };
    return {
      name,
      plan: {
        tensors: this.#tensors,
        procedures: { only: { batch, steps, signals: this.#signals, operations: this.#operations } },
      },
      tensors: this.#initial,
      runs: runs.map((run) => ({ procedure: "only", inputs: { ...inputs, ...run } })),
      compareTensors: Object.keys(this.#tensors),
      compareSignals: true,
    };
  }
}
