import { neuronsOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/index.js";
import { SpikevineError } from "../../errors.js";
import { serializeCsv } from "../../io/formats/csv.js";
import { serializeNpz } from "../../io/formats/npz.js";
import { membraneTraces, rasterFromArray } from "../../plots/index.js";
import type { LayerRecording, Recording } from "../../training/index.js";

/** Recorded samples of a trained network. */
export interface RecordedSamples {
  readonly network: Network;
  readonly recording: Recording;
  /** Layers to write, with their neurons' output. */
  readonly layers: readonly LayerRecording[];
  /** Numbers of the samples in the data set, and their labels. */
  readonly samples: readonly number[];
  readonly labels: ArrayLike<number>;
}

/** Arrays of NumPy: outputs and states `[samples, steps, units]`, the input, the read-out, and the numbers and labels of the samples. */
export function recordingNpz({ recording, layers, samples, labels }: RecordedSamples): Uint8Array {
  const count = samples.length;
  const arrays: Record<string, { shape: number[]; data: Float32Array | Int32Array }> = {
    sample: { shape: [count], data: Int32Array.from(samples) },
    label: { shape: [count], data: Int32Array.from(labels) },
    readout: { shape: [count, recording.readout.length / count], data: recording.readout },
  };
  for (const { name, units, output, states } of layers) {
    const shape = [count, recording.steps, units];
    arrays[`${name}.output`] = { shape, data: output };
    for (const [state, data] of Object.entries(states)) arrays[`${name}.${state}`] = { shape, data };
  }
  return serializeNpz(arrays);
}

/**
 * Spikes as rows: the sample, the layer (1 is `layer1`), the step and the unit.
 * @throws SpikevineError if a layer has no spikes, but graded outputs
 */
export function spikesCsv({ network, recording, layers, samples }: RecordedSamples): string {
  const columns = { sample: [] as number[], layer: [] as number[], step: [] as number[], unit: [] as number[] };
  for (const layer of layers) {
    if (!isSpiking(network, layer)) {
      throw new SpikevineError(
        `record: ${layer.name} has graded outputs, but a .csv file has spikes; give --layers without it, or a .npz file.`,
      );
    }
    layer.output.forEach((value, i) => {
      if (value === 0) return;
      const row = Math.floor(i / layer.units);
      columns.sample.push(samples[Math.floor(row / recording.steps)]!);
      columns.layer.push(Number(layer.name.replace("layer", "")));
      columns.step.push(row % recording.steps);
      columns.unit.push(i % layer.units);
    });
  }
  return serializeCsv(columns);
}

/** A raster of the spikes of one sample. Graded outputs have no spikes and are left out. */
export function rasterSvg({ network, recording, layers, samples, labels }: RecordedSamples): string {
  const spiking = layers.filter((layer) => isSpiking(network, layer));
  if (spiking.length === 0) {
    throw new SpikevineError("record: no recorded layer has spikes; give --traces in place of --raster.");
  }
  return rasterFromArray({
    title: `Spikes: test sample ${samples[0]}, class ${labels[0]}`,
    steps: recording.steps,
    stepMs: network.dt,
    layers: spiking.map(({ name, units, output }) => ({
      name,
      units,
      spikes: output.subarray(0, recording.steps * units),
    })),
  });
}

/** Most units of a layer whose traces are drawn. */
const MOST_TRACES = 6;

/** Traces of the first state of the first units of every layer, of one sample, with their spikes. */
export function tracesSvg({ network, recording, layers, samples, labels }: RecordedSamples): string {
  const { steps } = recording;
  const traces = layers.flatMap((layer) => {
    const [state, values] = Object.entries(layer.states)[0] ?? ["output", layer.output];
    return Array.from({ length: Math.min(layer.units, MOST_TRACES) }, (_, unit) => {
      const of = (all: Float32Array): Float32Array =>
        Float32Array.from({ length: steps }, (__, step) => all[step * layer.units + unit]!);
      return {
        name: `${layer.name} ${state} ${unit}`,
        values: of(values),
        ...(isSpiking(network, layer) ? { spikes: of(layer.output) } : {}),
      };
    });
  });
  return membraneTraces({
    title: `States: test sample ${samples[0]}, class ${labels[0]}`,
    stepMs: network.dt,
    traces,
  });
}

const isSpiking = (network: Network, { name }: LayerRecording): boolean =>
  neuronsOf(network).find((node) => node.name === name)!.neuron.output === "spikes";
