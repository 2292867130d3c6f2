import type { Network } from "../../networks/index.js";
import type { Optimizer } from "../../plasticity/index.js";
import type { Dataset, Series } from "../data/index.js";
import type { DeviceReport } from "../device/index.js";
import type { Experiment } from "../experiment/schema.js";
import { bytesOf, sha256 } from "../io/sha256.js";
import { fingerprints } from "../model/fingerprint.js";
import type { DataIdentity, RunIdentity } from "./manifest.js";

/** Identity of a data set: hashes of its samples, labels and targets. */
export function dataIdentity(data: Dataset): DataIdentity {
  const { name, count, pixels, classes, images, series, labels, targets } = data;
  const samples = images === undefined ? seriesParts(series!) : [bytesOf(images)];
  const answers =
    targets === undefined ? [] : [`targets ${targets.width} ${targets.steps ?? ""};`, bytesOf(targets.values)];
  return { name, count, pixels, classes, sha256: sha256(...samples, bytesOf(labels), ...answers) };
}

/** Everything that decides the input of samples in time. The lengths of samples are part of it. */
function seriesParts(series: Series): (Uint8Array | string)[] {
  const { samples, ...form } = series;
  const arrays = samples.map((sample) => ("t" in sample ? Object.entries(sample) : [["", sample] as const]));
  return [
    JSON.stringify(form),
    ...arrays.flatMap((named) =>
      named.flatMap(([name, values]) => [`${name}:${values.length};`, bytesOf(values as ArrayBufferView)]),
    ),
  ];
}

/** Input of a run's identity. */
export interface RunIdentityInput {
  readonly spikevine: string;
  readonly device: DeviceReport;
  readonly experiment: Experiment;
  /** Data sets by their use. */
  readonly data: Readonly<Record<string, Dataset>>;
  readonly network: Network;
  readonly optimizer: Optimizer;
}

/** Returns everything that must be equal for bit-identical results. */
export function runIdentity({
  spikevine,
  device,
  experiment,
  data,
  network,
  optimizer,
}: RunIdentityInput): RunIdentity {
  const json = JSON.parse(JSON.stringify(experiment)) as RunIdentity["experiment"];
  return {
    spikevine,
    node: process.versions.node,
    device: { name: device.name, executor: device.executor },
    experiment: json,
    experimentSha256: sha256(JSON.stringify(json)),
    data: Object.fromEntries(Object.entries(data).map(([use, set]) => [use, dataIdentity(set)])),
    definitions: fingerprints(network, optimizer),
  };
}
