import { importanceFactors, type Network, type OpenedDevice, openDevice, record } from "spikevine";
import type { TrainSettings } from "../../train/settings.js";
import { type Samples, samplesOf } from "../datasets.js";
import { type Weights, withWeights } from "../networks.js";

type Device = OpenedDevice["device"];

export interface Presentation {
  readonly settings: TrainSettings;
  readonly own?: Samples;
  readonly weights: Weights;
  /** Values in [0, 1] of one image, or the number of a test sample. */
  readonly image: Float32Array | number;
  /** Test samples of which the firing rates are counted; 0: none. */
  readonly rateSamples: number;
}

/** Spikes of one layer for one sample. */
export interface LayerSpikes {
  readonly name: string;
  readonly units: number;
  /** `[steps, units]`: 1 where a unit fires. */
  readonly spikes: Uint8Array;
}

export interface Presented {
  readonly steps: number;
  readonly image: Float32Array;
  /** Height and width, if a sample is an image. */
  readonly shape: readonly [number, number] | undefined;
  /** Label of a test sample. */
  readonly label: number | undefined;
  /** The encoder's output first. */
  readonly layers: readonly LayerSpikes[];
  /** `[outputs]` */
  readonly readout: Float32Array;
  /** Spikes per unit and step of every layer after the encoder, over the test samples. */
  readonly rates: readonly { readonly name: string; readonly rates: Float32Array }[];
  /** GRAPES factors of every hidden layer. */
  readonly factors: readonly { readonly name: string; readonly factors: Float32Array }[];
}

let opened: Promise<Device> | undefined;
const openOnce = (): Promise<Device> => {
  opened ??= openDevice("auto", { threads: 1 }).then(({ device }) => device);
  return opened;
};

/** Presents one sample to a network with given weights and records the spikes of every layer. */
export async function present({ settings, own, weights, image, rateSamples }: Presentation): Promise<Presented> {
  const { test } = samplesOf(settings, own);
  const net = withWeights(settings, test, weights);
  const device = await openOnce();
  const number = typeof image === "number" ? Math.min(image, test.count - 1) : undefined;
  const pixels =
    number === undefined ? (image as Float32Array) : valuesOf(test.images, number * test.pixels, test.pixels);
  const recorded = await record(net, pixels, { device });
  const static_ = recorded.input.length === net.inputs;
  const input = {
    name: "input",
    units: net.inputs,
    spikes: Uint8Array.from({ length: net.inputs * recorded.steps }, (_, i) =>
      recorded.input[static_ ? i % net.inputs : i]! > 0 ? 1 : 0,
    ),
  };
  const shape = test.shape;
  return {
    steps: recorded.steps,
    image: pixels,
    shape: shape?.length === 2 ? [shape[0], shape[1]] : undefined,
    label: number === undefined ? undefined : test.labels[number],
    layers: [
      input,
      ...recorded.layers.map(({ name, units, output }) => ({ name, units, spikes: Uint8Array.from(output, fired) })),
    ],
    readout: recorded.readout,
    rates:
      rateSamples === 0
        ? []
        : await ratesOf(net, test.images.subarray(0, Math.min(rateSamples, test.count) * test.pixels), device),
    factors: settings.grapes === "off" ? [] : factorsOf(net),
  };
}

const fired = (output: number): number => (output > 0 ? 1 : 0);

const valuesOf = (images: Uint8Array | Float32Array, from: number, length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => images[from + i]! / (images instanceof Uint8Array ? 255 : 1));

async function ratesOf(net: Network, images: Uint8Array | Float32Array, device: Device): Promise<Presented["rates"]> {
  const { layers } = await record(net, images, { device });
  return layers.map(({ name, units, output }) => {
    const rates = new Float32Array(units);
    for (let i = 0; i < output.length; i++) rates[i % units]! += output[i]!;
    const rows = output.length / units;
    return { name, rates: rates.map((count) => count / rows) };
  });
}

/** The factors of the hidden layers, from the sums of the sizes of their incoming weights. */
function factorsOf(net: Network): Presented["factors"] {
  const layers = [...net.parameters].filter(([name]) => name.endsWith(".weights"));
  return layers.slice(0, -1).map(([name, { data, columns }], layer) => {
    const importance = new Float32Array(columns);
    for (let i = 0; i < data.length; i++) importance[i % columns]! += Math.abs(data[i]!);
    return { name: name.slice(0, -".weights".length), factors: importanceFactors(importance, layer) };
  });
}
