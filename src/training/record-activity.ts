import { neuronsOf, sizeOf } from "../../networks/graph.js";
import { NETWORK, type Network } from "../../networks/network.js";
import { callback, either, fields, optional, signature, whole } from "../arguments/index.js";
import { channelsLast } from "../data/channels-last.js";
import { DATASET, type Dataset } from "../data/dataset.js";
import { encoderPixels, firstNotFinite, PIXELS, type Pixels } from "../data/pixels.js";
import type { Device } from "../device/contract.js";
import { unpackSpikes, wordsOf } from "../device/host/index.js";
import { DEVICE, openDevice } from "../device/open.js";
import { SpikevineError } from "../errors.js";
import { SEED } from "../random/seed.js";
import { type Batch, batches, checkFit } from "./loop/batches.js";
import { type InputForm, inputForm, warnOfRange } from "./loop/check-input.js";
import { forward } from "./plan/forward.js";
import { batchStatistics, parameterTensors, uploadParameters } from "./plan/parameters.js";
import { checkPresentation } from "./plan/presentation.js";

/** Recorded activity of one layer: arrays `[samples, steps, units]`. */
export interface LayerRecording {
  readonly name: string;
  readonly units: number;
  /** Output of every unit at every step; 0 or 1 for spikes. */
  readonly output: Float32Array;
  /** Every state variable before its reset, e.g. the membrane potential `v`, in internal units (mV, ms, pA). */
  readonly states: Readonly<Record<string, Float32Array>>;
}

export interface Recording {
  readonly samples: number;
  readonly steps: number;
  /** The encoder's output `[samples, steps, inputs]` (`[samples, 1, inputs]` for a static encoder of images), or given spikes. */
  readonly input: Float32Array;
  readonly layers: readonly LayerRecording[];
  /** `[samples, outputs]` */
  readonly readout: Float32Array;
}

export interface RecordOptions {
  /** Default: the network's. */
  steps?: number;
  /** Default: "auto". A device passed as an object stays open. */
  device?: string | Device;
  seed?: number;
  /** Called with one sentence if pixels are outside the range that the encoder codes. Default: ignored. */
  onWarning?(message: string): void;
}

const check = signature("record", {
  network: NETWORK,
  samples: either(DATASET, PIXELS),
  options: fields<RecordOptions>(
    { steps: optional(whole(1)), device: optional(DEVICE), seed: optional(SEED), onWarning: optional(callback()) },
    { root: "options" },
  ),
});

/**
 * Presents samples and records every spike and state.
 * @param given Images `[samples, inputs]` (bytes are read as value / 255, and images of several channels one channel after the
 * other), or all samples of a data set. In a recording, channels are innermost.
 * @throws SpikevineError if the number of values, or the data set, does not fit the network.
 */
export async function record(
  network: Network,
  given: Pixels | Dataset,
  options: RecordOptions = {},
): Promise<Recording> {
  check([network, given, options]);
  const steps = options.steps ?? network.steps;
  warnOfRange(isDataset(given) ? given : { name: "images", images: given }, network, options.onWarning);
  if (!isDataset(given)) return recordInput(network, "image", imagesOf(given, network), options);
  checkFit({ ...given, classes: Math.min(given.classes, network.outputs) }, network, steps);
  const [batch] = batches(given, given.count, {
    ...network,
    outputs: Math.max(given.classes, network.outputs),
    steps,
  });
  return recordInput(network, inputForm(given), batch!, options);
}

const isDataset = (given: Pixels | Dataset): given is Dataset => "labels" in given;

function imagesOf(images: Pixels, network: Network): Pick<Batch, "pixels" | "samples"> {
  const samples = images.length / network.inputs;
  if (!Number.isInteger(samples) || samples < 1) {
    throw new SpikevineError(
      `record: images has ${images.length} values; give samples * ${network.inputs} of them, at least one sample.`,
    );
  }
  const pixels = encoderPixels(images);
  const bad = firstNotFinite(pixels);
  if (bad >= 0) throw new SpikevineError(`record: images[${bad}] is ${images[bad]}; give finite numbers.`);
  const { inputs, inputShape } = network;
  const order = channelsLast([inputShape.channels, inputShape.height, inputShape.width]);
  if (order === undefined) return { pixels, samples };
  const ordered = pixels.map((_, i) => pixels[Math.floor(i / inputs) * inputs + order[i % inputs]!]!);
  return { pixels: ordered, samples };
}

async function recordInput(
  network: Network,
  input: InputForm,
  { samples, pixels }: Pick<Batch, "pixels" | "samples">,
  options: RecordOptions,
): Promise<Recording> {
  const steps = options.steps ?? network.steps;
  checkPresentation(network);
  const seed = options.seed ?? network.seed;
  const given = typeof options.device === "object" ? options.device : undefined;
  const device = given ?? (await openDevice(options.device as string | undefined, { threads: 1 })).device;
  try {
    const statistics = hasStatistics(network) ? "running" : "batch";
    const pass = forward(network, { steps, store: "all", dropout: false, stream: false, input, statistics });
    const program = await device.compile({
      tensors: { ...parameterTensors(network), ...batchStatistics(network) },
      procedures: { record: { batch: samples, steps, signals: pass.signals, operations: pass.operations } },
    });
    await uploadParameters(network, program);
    await program.run("record", {
      samples,
      signals: { pixels },
      sampleIds: Uint32Array.from({ length: samples }, (_, i) => i),
      seed,
      epoch: 0,
    });
    const read = (name: string): Promise<Float32Array> => program.readSignal("record", name);
    const layers: LayerRecording[] = [];
    for (const { name, shape } of neuronsOf(network)) {
      const states: Record<string, Float32Array> = {};
      for (const state of pass.kernels.get(name)!.states) states[state] = await read(`${name}.now__${state}`);
      layers.push({ name, units: sizeOf(shape), output: await read(`${name}.output`), states });
    }
    const encoded = input === "spikes" ? unpacked(pixels as Uint32Array, network.inputs) : await read("input");
    const recording = { samples, steps, input: encoded, layers, readout: await read("readout") };
    await program.dispose();
    return recording;
  } finally {
    if (given === undefined) await device.dispose();
  }
}

/** False before training: a normalization then has no running statistics, and those of the presented samples are used. */
const hasStatistics = ({ parameters }: Network): boolean =>
  [...parameters].some(
    ([name, { data, isStatistic }]) => isStatistic && name.endsWith(".mean") && data.some((mean) => mean !== 0),
  );

/** Bits of spikes `[rows, ceil(width / 32)]` as 0 and 1 `[rows, width]`. */
function unpacked(bits: Uint32Array, width: number): Float32Array {
  const spikes = new Float32Array((bits.length / wordsOf(width)) * width);
  unpackSpikes(bits, width, spikes);
  return spikes;
}
