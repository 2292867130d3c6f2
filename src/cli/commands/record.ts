import { selectSamples } from "../../data/index.js";
import { SpikevineError } from "../../errors.js";
import type { Field } from "../../experiment/fields.js";
import { serializeNirData } from "../../formats/nir/serialize-nir-data.js";
import { writeAtomically } from "../../io/atomic-file.js";
import { unknownName } from "../../nearest-name.js";
import { record } from "../../training/index.js";
import type { Command } from "../command-line/command.js";
import { TEST_FIELDS, withTrainedNetwork } from "../eval/trained-network.js";
import { type RecordedSamples, rasterSvg, recordingNpz, spikesCsv, tracesSvg } from "../record/recording-files.js";

const field = (flag: string, kind: Field["kind"], description: string, absent: string, expects: string): Field => ({
  keys: [flag],
  path: flag,
  flag,
  group: "Recording",
  kind,
  default: null,
  absent,
  description,
  expects,
});

const SAMPLES = field("samples", "list", "test samples to present, by number", "0", "numbers of samples, e.g. 0,5,7");
const LAYERS = field("layers", "list", "layers to record", "all", "names of layers, e.g. layer1,layer2");
const TO: Field = {
  ...field(
    "to",
    "text",
    "file to write: .npz (outputs and states), .csv (spikes) or .h5 (NIR's data)",
    "none",
    "a path that ends in .npz, .csv or .h5",
  ),
  repeated: true,
};
const RASTER = field("raster", "text", "picture of the first sample's spikes, .svg", "none", "a path");
const TRACES = field("traces", "text", "picture of the first sample's states, .svg", "none", "a path");

/** Writers by the ending of a file. */
const WRITERS: Readonly<Record<string, (recorded: RecordedSamples) => Uint8Array | string | Promise<Uint8Array>>> = {
  npz: recordingNpz,
  csv: spikesCsv,
  h5: ({ network, recording, layers }) => serializeNirData(network, { ...recording, layers }),
};

/** `spikevine record`: spikes and states of a trained network for test samples, as arrays, tables and pictures. */
export const recordCommand: Command = {
  name: "record",
  summary: "writes the spikes and states of a trained network for single test samples",
  argument: { name: "RUN_OR_WEIGHTS", description: "a run folder, or a .safetensors file from one", required: true },
  fields: TEST_FIELDS,
  own: [SAMPLES, LAYERS, TO, RASTER, TRACES],
  async run(invocation) {
    const { own, terminal, files } = invocation;
    const samples = ((own(SAMPLES) as unknown[] | null | undefined) ?? [0]).map(sampleNumber);
    const outputs = outputsOf((own(TO) as string[] | undefined) ?? [], own(RASTER), own(TRACES));
    return withTrainedNetwork("record", invocation, async ({ settings, test, network, device }) => {
      const missing = samples.find((sample) => sample >= test.count);
      if (missing !== undefined) {
        throw new SpikevineError(
          `record: there is no sample ${missing}; "${test.name}" has ${test.count} test samples.`,
        );
      }
      const chosen = selectSamples(test, Uint32Array.from(samples));
      const recording = await record(network, chosen, {
        device,
        steps: settings.evaluation.steps ?? network.steps,
        seed: settings.seed,
      });
      const names = recording.layers.map(({ name }) => name);
      const wanted = ((own(LAYERS) as unknown[] | null | undefined) ?? names).map(String);
      const unknown = wanted.find((name) => !names.includes(name));
      if (unknown !== undefined) throw unknownName("layer", unknown, names);
      const layers = recording.layers.filter(({ name }) => wanted.includes(name));
      const recorded = { network, recording, layers, samples, labels: chosen.labels };
      // Everything is made before the first file is written.
      const made = await Promise.all(outputs.map(async ([path, write]) => [path, await write(recorded)] as const));
      for (const [path, content] of made) {
        await writeAtomically(path, content, files);
        terminal.line(`written  ${path}`);
      }
      return 0;
    });
  },
};

function sampleNumber(given: unknown): number {
  if (Number.isInteger(given) && (given as number) >= 0) return given as number;
  throw new SpikevineError(`record: --samples has "${given}"; give ${SAMPLES.expects}.`);
}

type Output = readonly [path: string, write: (recorded: RecordedSamples) => Uint8Array | string | Promise<Uint8Array>];

/** @throws SpikevineError for an unknown ending, or if nothing is to be written */
function outputsOf(to: readonly string[], raster: unknown, traces: unknown): Output[] {
  const outputs: Output[] = to.map((path) => {
    const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
    if (Object.hasOwn(WRITERS, ending)) return [path, WRITERS[ending]!];
    throw new SpikevineError(`record: --to is "${path}"; give ${TO.expects}.`);
  });
  for (const [path, write] of [
    [raster, rasterSvg],
    [traces, tracesSvg],
  ] as const) {
    if (typeof path === "string") outputs.push([path, write]);
  }
  if (outputs.length > 0) return outputs;
  throw new SpikevineError(
    "record: nothing is to be written; give --to recording.npz, --raster raster.svg or --traces traces.svg.",
  );
}
