import { neuronsOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/index.js";
import { subset } from "../../data/index.js";
import type { Device } from "../../device/index.js";
import type { ExperimentData } from "../../experiment/load-data.js";
import type { Experiment } from "../../experiment/schema.js";
import { writeAtomically } from "../../io/atomic-file.js";
import type { FileSystem } from "../../io/file-system.js";
import type { RunFolder } from "../../io/run-folder/run-folder.js";
import { type LayerSpikes, learningCurves, rasterFromArray } from "../../plots/index.js";
import { record, type TrainingResult } from "../../training/index.js";
import { inputForm } from "../../training/loop/check-input.js";

/** Graded outputs have no spikes; the raster has a mark where they exceed this value. */
const GRADED_MARK = 0.5;

/** A training to draw. */
interface PlottedRun {
  readonly settings: Experiment;
  readonly data: ExperimentData;
  readonly network: Network;
  readonly device: Device;
  readonly files: FileSystem;
}

/** Writes learning-curves.svg, and raster.svg of the first test sample, into the run folder. */
export async function savePlots(run: PlottedRun, folder: RunFolder, result: TrainingResult): Promise<void> {
  const { settings, files } = run;
  const title = `${settings.network.neuron} on ${run.data.train.name}`;
  await writeAtomically(folder.file("learning-curves.svg"), curves(run, result, title), files);
  await writeAtomically(folder.file("raster.svg"), await raster(run, title), files);
}

function curves({ data }: PlottedRun, { epochs }: TrainingResult, title: string): string {
  const numbers = epochs.map(({ epoch }) => epoch);
  return learningCurves({
    title,
    curves: [
      {
        name: "training",
        epochs: numbers,
        loss: epochs.map(({ loss }) => loss),
        accuracy: epochs.map(({ accuracy }) => drawn(accuracy)),
      },
      {
        name: data.validation ? "validation" : "test",
        epochs: numbers,
        loss: epochs.map(({ validation }) => validation?.loss ?? null),
        accuracy: epochs.map(({ validation }) => drawn(validation?.accuracy ?? Number.NaN)),
      },
    ],
  });
}

/** Targets without labels have no accuracy. */
const drawn = (accuracy: number): number | null => (Number.isNaN(accuracy) ? null : accuracy);

async function raster({ data, network, device, settings }: PlottedRun, title: string): Promise<string> {
  const recording = await record(network, subset(data.test, 1), { device, seed: settings.seed });
  const last = recording.layers.at(-1);
  const layers: LayerSpikes[] = recording.layers.map((layer, i) => {
    const { units, output } = layer;
    const isSpiking = neuronsOf(network)[i]!.neuron.output === "spikes";
    const name = layer === last ? `output layer (${layer.name})` : layer.name;
    return {
      name: isSpiking ? name : `${name}, value above ${GRADED_MARK}`,
      units,
      spikes: isSpiking ? output : output.map((value) => (value > GRADED_MARK ? 1 : 0)),
    };
  });
  // A current is not a spike train.
  const isCoded = network.encoder.output === "spikes" || inputForm(data.test) === "spikes";
  const input = { name: "input", units: network.inputs, spikes: recording.input };
  return rasterFromArray({
    title: `${title}: test sample 0, a ${data.test.labels[0]}`,
    steps: recording.steps,
    stepMs: network.dt,
    layers: isCoded ? [input, ...layers] : layers,
  });
}
