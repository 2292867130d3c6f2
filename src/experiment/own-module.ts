import { resolve } from "node:path";
import type { Layer } from "../../networks/index.js";
import { LAYERS } from "../../networks/layer-kind.js";
import type { NeuronDefinition } from "../../neurons/index.js";
import { callback, either, fields, optional, signature } from "../arguments/index.js";
import { DATASET, type Dataset } from "../data/dataset.js";
import { ENCODER, type EncoderDefinition } from "../equations/definitions/encoder.js";
import { NEURON } from "../equations/definitions/neuron.js";
import { SpikevineError } from "../errors.js";
import { readFileBytes } from "../io/read-file.js";
import { sha256 } from "../io/sha256.js";
import { unknownName } from "../nearest-name.js";
import { LOSS, type LossOption } from "../training/losses/index.js";
import { runModule } from "./run-module.js";
import type { Experiment } from "./schema.js";

/** Data of a module: training and test samples in memory. */
export interface OwnData {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Parts of an experiment that a module exports. Each takes the place of the fields that describe such a part. */
export interface OwnParts {
  /** Samples, or a function that reads them. */
  readonly data?: OwnData | (() => OwnData | Promise<OwnData>);
  /** Neuron of all layers. */
  readonly neuron?: NeuronDefinition;
  /** Neuron of the last layer. Default: `neuron`. */
  readonly outputNeuron?: NeuronDefinition;
  readonly encoder?: EncoderDefinition;
  readonly loss?: LossOption;
  /** All layers, the last included; or a function from the number of classes to them. */
  readonly layers?:
    | readonly (Layer | NeuronDefinition)[]
    | ((classes: number) => readonly (Layer | NeuronDefinition)[]);
}

const DATA = fields<OwnData>({ train: DATASET, test: DATASET });
const PARTS = {
  data: optional(either(DATA, callback("a function that returns { train, test }"))),
  neuron: optional(NEURON),
  outputNeuron: optional(NEURON),
  encoder: optional(ENCODER),
  loss: optional(LOSS),
  layers: optional(either(LAYERS, callback("a function from the number of classes to layers"))),
};
const checkData = signature("the data of the module", { data: DATA });

/** Names of the exports that are parts of an experiment. */
export const PART_NAMES: readonly string[] = Object.keys(PARTS);

/** Parts of the modules that were loaded, by the path in the experiment. */
const loaded = new Map<string, OwnParts>();

/**
 * Runs the module of an experiment, which is the user's own code, if it has one.
 * @returns the experiment with the SHA-256 of the module
 * @throws SpikevineError if the module cannot be run, exports something else, or is another one than the experiment was run with
 */
export async function withOwnModule(experiment: Experiment): Promise<Experiment> {
  const { module: path, moduleHash } = experiment;
  if (path === null) return experiment;
  const hash = sha256(await readFileBytes(path, { fix: "give the path of the module (--module)" }));
  if (moduleHash !== null && moduleHash !== hash) {
    throw new SpikevineError(
      `module "${path}" has changed since the experiment was run with it (its SHA-256 is ${hash.slice(0, 12)}..., not ${moduleHash.slice(0, 12)}...); restore it, or leave moduleHash out (--module-hash none).`,
    );
  }
  const parts = partsOf(await runModule(resolve(path)), path);
  refuseFields(experiment, parts, path);
  loaded.set(path, parts);
  return { ...experiment, moduleHash: hash };
}

/** The parts of an experiment's module, which `withOwnModule` has loaded. */
export function ownParts({ module: path }: Experiment): OwnParts {
  if (path === null) return {};
  const parts = loaded.get(path);
  if (parts !== undefined) return parts;
  throw new SpikevineError(`module "${path}" is not used here; sweeps and workers take experiments without a module.`);
}

/** Training and test samples of a module; undefined if it exports none. */
export async function ownData(experiment: Experiment): Promise<OwnData | undefined> {
  const { data } = ownParts(experiment);
  if (typeof data !== "function") return data;
  const found = await data();
  checkData([found]);
  return found;
}

function partsOf(exported: Readonly<Record<string, unknown>>, path: string): OwnParts {
  for (const [name, value] of Object.entries(exported)) {
    if (name === "default") continue;
    if (!Object.hasOwn(PARTS, name)) {
      throw new SpikevineError(`module "${path}": ${unknownName("export", name, PART_NAMES).message}`);
    }
    const fault = PARTS[name as keyof typeof PARTS].fault(value, name);
    if (fault !== undefined) throw new SpikevineError(`module "${path}": ${fault}`);
  }
  return exported as OwnParts;
}

/** Fields of the network that describe its neuron. */
const NEURON_FIELDS = [
  ...["decay", "tau", "alpha", "beta", "threshold", "activation", "reset", "detachReset", "surrogate"],
] as const;

/** @throws SpikevineError for a field that has no effect beside an exported part */
function refuseFields({ data, network }: Experiment, parts: OwnParts, path: string): void {
  const refuse = (part: string, field: string) =>
    new SpikevineError(`module "${path}" exports ${part}, beside which ${field} has no effect; leave one of them out.`);
  if (parts.data !== undefined && data.name !== "digits") throw refuse("data", "data.name (--data)");
  if (parts.layers !== undefined && network.layers !== null) throw refuse("layers", "network.layers (--layers)");
  if (parts.outputNeuron !== undefined && network.outputNeuron !== null) {
    throw refuse("outputNeuron", "network.outputNeuron (--output-neuron)");
  }
  if (parts.neuron === undefined && parts.layers === undefined) return;
  const given = NEURON_FIELDS.find((field) => network[field as keyof typeof network] !== null);
  if (given !== undefined) throw refuse(parts.neuron === undefined ? "layers" : "neuron", `network.${given}`);
}
