import type { Operation, RunInputs, SignalSpec, TensorSpec } from "#spikevine/src/device/contract";
import type { EncoderKernel } from "#spikevine/src/equations/kernels/kernels";
import { type ConformanceCase, identities, numbers } from "./case.js";

const SEED = 11;

/** Rows of `width` numbers as bits: unit i is bit i % 32 of word floor(i / 32) of its row. */
export function bitsOf(spikes: ArrayLike<number>, width: number): Uint32Array {
  const words = Math.ceil(width / 32);
  const bits = new Uint32Array((spikes.length / width) * words);
  for (let i = 0; i < spikes.length; i++) {
    const unit = i % width;
    if (spikes[i] === 1) bits[Math.floor(i / width) * words + Math.floor(unit / 32)]! += 2 ** (unit % 32);
  }
  return bits;
}

/** A plan with one procedure, built step by step. */
export class Sketch {
  readonly #tensors: Record<string, TensorSpec> = {};
  readonly #initial: Record<string, Float32Array> = {};
  readonly #signals: Record<string, SignalSpec> = {};
  readonly #operations: Operation[] = [];
  readonly #inputs: Record<string, Float32Array | Uint32Array> = {};
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

  /** An input signal with given numbers for every step of every sample. */
  inputInTime(name: string, width: number, low = 0, high = 1): string {
    const { samples, steps } = this.#size;
    this.#inputs[name] = numbers(samples * steps * width, SEED, name, low, high);
    return this.values(name, width, "steps", "input");
  }

  /** An input signal of spikes; each unit fires at a step with the given probability. */
  spikeInput(name: string, width: number, probability: number): string {
    const { samples, steps } = this.#size;
    this.#inputs[name] = bitsOf(
      numbers(samples * steps * width, SEED, name, 0, 1).map((u) => (u < probability ? 1 : 0)),
      width,
    );
    this.#signals[name] = { kind: "spikes", width, rows: "steps", role: "input" };
    return name;
  }

  /** A signal that an encoder produces from new pixels, of a still image or of every step. */
  encoded(name: string, width: number, encoder: EncoderKernel, low = 0, high = 1, inTime = false): string {
    const pixels = `${name}.pixels`;
    const from = inTime ? this.inputInTime(pixels, width, low, high) : this.input(pixels, width, low, high);
    const rows = encoder.static && !inTime ? "sample" : "steps";
    this.#signals[name] = { kind: encoder.output, width, rows, role: "result" };
    const before = inTime ? { before: this.input(`${name}.before`, width, low, high) } : {};
    this.add({ op: "encode", encoder, stream: 2, from, to: name, ...before });
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
