import { NETWORK, type Network } from "../../networks/network.js";
import { choice, fields, numbers, optional, signature, whole } from "../arguments/index.js";
import type { Input } from "../data/gather-input.js";
import type { Device, Program } from "../device/contract.js";
import { wordsOf } from "../device/host/index.js";
import { DEVICE, openDevice, refuseThreads, THREADS } from "../device/open.js";
import { isDirect } from "../equations/definitions/encoder.js";
import { SpikevineError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { forward } from "./plan/forward.js";
import { needsBefore, VALUES_BEFORE } from "./plan/input.js";
import { parameterTensors, uploadParameters } from "./plan/parameters.js";

/** Activity of the output layer after one step. */
export interface StepResult {
  /** `[units]`: the output of this step of every unit of the output layer; 0 or 1 for spikes. */
  readonly output: Float32Array;
  /** `[outputs]`: the read-out over the steps so far, e.g. the number of spikes. */
  readonly readout: Float32Array;
}

export interface StreamOptions {
  /**
   * Form of a step: values for the encoder, or spikes (0 and 1), which enter the first layer as they are. Default: "values".
   */
  readonly input?: "values" | "spikes";
  /** Default: "auto". A device passed as an object stays open. */
  readonly device?: string | Device;
  /** Default: 1. Threads divide samples, and a step has one. */
  readonly threads?: number;
  /** Seed of the encoder's draws. Default: the network's. */
  readonly seed?: number;
}

/** A network that runs step by step and keeps its state in between. */
export interface NetworkStream {
  /** Steps since the start or the last reset. */
  readonly steps: number;
  /**
   * Makes one step.
   * @param input `[inputs]`: the values or the spikes of this step.
   * @throws SpikevineError for another number of values, or one that is not finite or (for spikes) not 0 or 1.
   */
  step(input: ArrayLike<number>): Promise<StepResult>;
  /**
   * Returns to the initial state.
   * @param sample Identity of the next sample: the encoder draws the random numbers of this sample of a data set. Default: 0.
   */
  reset(sample?: number): Promise<void>;
  /** Releases the device, unless it was given. */
  close(): Promise<void>;
}

const check = signature("openStream", {
  network: NETWORK,
  options: fields<StreamOptions>(
    {
      input: optional(choice(["values", "spikes"])),
      device: optional(DEVICE),
      threads: optional(THREADS),
      seed: optional(SEED),
    },
    { root: "options" },
  ),
});
const checkStep = signature("step", { input: numbers });
const checkReset = signature("reset", { sample: optional(whole(0, 2 ** 32 - 1)) });

/** An evaluation draws with epoch 0, too. */
const EPOCH = 0;

/**
 * Opens a network for use step by step, as in a robot or a browser. The numbers are those of `evaluate` and `record` for the
 * same inputs: to the bit on the device `reference`, and on every device if no input or unit fires in more than half of the
 * steps. Otherwise the order of sums may differ from that of a presentation in one go, and a current of n inputs by up to
 * 5 n 2^-24 times the sum of the sizes of its weights.
 * @throws SpikevineError if the encoder does not fit the form of the input, or an option is out of range.
 */
export async function openStream(network: Network, options: StreamOptions = {}): Promise<NetworkStream> {
  check([network, options]);
  refuseThreads("openStream", options.device, options.threads);
  const { input = "values", seed = network.seed } = options;
  checkEncoder(network, input);
  const given = typeof options.device === "object" ? options.device : undefined;
  const { threads = 1 } = options;
  const device = given ?? (await openDevice(options.device as string | undefined, { threads })).device;
  const dispose = async (): Promise<void> => {
    if (given === undefined) await device.dispose();
  };
  try {
    const pass = forward(network, { steps: 1, store: "none", dropout: false, stream: true, input });
    const output = `${network.layerNames.at(-1)}.output`;
    const signals = { ...pass.signals, [output]: { ...pass.signals[output]!, role: "result" as const } };
    const program = await device.compile({
      tensors: parameterTensors(network),
      procedures: { step: { batch: 1, steps: 1, signals, operations: pass.operations } },
    });
    await uploadParameters(network, program);
    return new Stream(network, program, { input, seed, output, dispose });
  } catch (error) {
    await dispose();
    throw error;
  }
}

function checkEncoder({ encoder }: Network, input: "values" | "spikes"): void {
  if (input === "spikes" && !isDirect(encoder)) {
    throw new SpikevineError(
      `openStream: spikes enter a network as they are, but its encoder is ${encoder.name}; give a network with encoder: direct().`,
    );
  }
  if (encoder.spec.within === undefined) return;
  throw new SpikevineError(
    `openStream: encoders/${encoder.name} codes a still image by the time of one spike, but values of a stream may change; give another encoder, e.g. rate() or delta().`,
  );
}

class Stream implements NetworkStream {
  steps = 0;
  #sample = 0;
  #before: Float32Array | undefined;
  #closed: Promise<void> | undefined;
  /** Steps and resets run in the order of their calls. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly network: Network,
    private readonly program: Program,
    private readonly options: {
      readonly input: "values" | "spikes";
      readonly seed: number;
      readonly output: string;
      dispose(): Promise<void>;
    },
  ) {
    if (needsBefore(network, options.input)) this.#before = new Float32Array(network.inputs);
  }

  step(input: ArrayLike<number>): Promise<StepResult> {
    checkStep([input]);
    this.#refuseClosed("step");
    const given = this.options.input === "spikes" ? this.#bits(input) : this.#values(input);
    return this.#next(() => this.#run(given));
  }

  reset(sample = 0): Promise<void> {
    checkReset([sample]);
    this.#refuseClosed("reset");
    return this.#next(async () => {
      this.steps = 0;
      this.#sample = sample;
      this.#before?.fill(0);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#next(async () => {
      await this.program.dispose();
      await this.options.dispose();
    });
    return this.#closed;
  }

  #refuseClosed(call: string): void {
    if (this.#closed === undefined) return;
    throw new SpikevineError(`${call}: the stream is closed; open another one with openStream(network).`);
  }

  async #run(pixels: Input): Promise<StepResult> {
    const { program, options, network } = this;
    await program.run("step", {
      samples: 1,
      signals: { pixels, ...(this.#before === undefined ? {} : { [VALUES_BEFORE]: this.#before }) },
      sampleIds: Uint32Array.of(this.#sample),
      seed: options.seed,
      epoch: EPOCH,
      firstStep: this.steps,
    });
    this.steps++;
    if (this.#before !== undefined) this.#before = pixels as Float32Array;
    const output = await program.readSignal("step", options.output);
    const readout = await program.readSignal("step", "readout");
    const { steps } = this;
    return { output, readout: network.readout.name === "rate" ? readout.map((sum) => sum / steps) : readout };
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #values(input: ArrayLike<number>): Float32Array {
    this.#checkLength(input);
    const values = Float32Array.from(input);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return values;
    throw new SpikevineError(`step: input[${bad}] is ${input[bad]}; give finite numbers.`);
  }

  #bits(input: ArrayLike<number>): Uint32Array {
    this.#checkLength(input);
    const bits = new Uint32Array(wordsOf(input.length));
    for (let i = 0; i < input.length; i++) {
      const value = input[i]!;
      if (value !== 0 && value !== 1)
        throw new SpikevineError(`step: input[${i}] is ${value}; give spikes as 0 and 1.`);
      bits[i >>> 5] = bits[i >>> 5]! | (value << (i & 31));
    }
    return bits;
  }

  #checkLength({ length }: ArrayLike<number>): void {
    const { inputs } = this.network;
    if (length !== inputs) throw new SpikevineError(`step: input has ${length} values; give the ${inputs} of a step.`);
  }
}
