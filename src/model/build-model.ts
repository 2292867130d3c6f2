import { defineEncoder } from "../../encoders/index.js";
import type { GraphNode } from "../../networks/graph.js";
import { type Layer, type Network, network } from "../../networks/index.js";
import { layersAsGraph } from "../../networks/layers.js";
import {
  automatic,
  defineNeuron,
  defineSurrogate,
  integrators,
  type NeuronDefinition,
  type Scheme,
  systemIntegrators,
} from "../../neurons/index.js";
import { kind, signature, text } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { unknownName } from "../nearest-name.js";
import { type ModelDescription, modelDescription } from "./description.js";
import { diffDefinitions } from "./fingerprint.js";
import { buildLayer } from "./layers.js";

const check = signature("buildModel", { description: kind("a description", () => true), where: text() });

/**
 * Builds a network from its description, definitions included; its weights are drawn again.
 * @param where start of messages, e.g. `model "a.safetensors"`
 * @throws SpikevineError if it is not a description, an equation cannot be read, or a definition computes other values
 * than the saved one.
 */
export function buildModel(description: unknown, where = "model"): Network {
  check([description, where]);
  const result = modelDescription.safeParse(description);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new SpikevineError(`${where} is not a model of this version (${path.join(".") || "the whole"}: ${message}).`);
  }
  const { encoder, readout, inputs, steps, dt, seed, definitions, spikevine } = result.data;
  const joined = network({
    inputs,
    encoder: defineEncoder(encoder.spec).with(readable(encoder.values)),
    steps,
    dt: `${dt} ms`,
    layers: buildLayers(result.data, where),
    readout,
    seed,
  });
  const changed = diffDefinitions(definitions, joined);
  if (changed.length === 0) return joined;
  throw new SpikevineError(
    `${where}: ${changed.join(" and ")} would compute other values here than where it was saved; open it with Spikevine ${spikevine}.`,
  );
}

/** Layers of a description. */
function buildLayers({ layers, neurons }: ModelDescription, where: string): Layer[] {
  const built = neurons.map(buildNeuron);
  return layers.map((layer, index) => buildLayer(layer, built, `${where}: layer ${index + 1}`));
}

/**
 * The graph of a description, for which no memory is allocated.
 * @throws SpikevineError if a layer does not fit its input, or an equation cannot be read.
 */
export function graphOf(description: ModelDescription, where: string): readonly GraphNode[] {
  const { inputs } = description;
  const [channels, height, width] = typeof inputs === "number" ? [inputs, 1, 1] : inputs;
  const names = description.layers.map((_, i) => `layer${i + 1}`);
  return layersAsGraph({ channels, height, width }, buildLayers(description, where), names);
}

function buildNeuron({ spec, values, integrator, surrogate }: ModelDescription["neurons"][number]): NeuronDefinition {
  return defineNeuron({
    ...spec,
    integrator:
      typeof integrator === "string"
        ? namedScheme(integrator)
        : Object.fromEntries(Object.entries(integrator).map(([state, name]) => [state, namedScheme(name)])),
    ...(surrogate ? { surrogate: defineSurrogate(surrogate.spec).with(readable(surrogate.values)) } : {}),
  }).with({ parameters: readable(values) });
}

function namedScheme(name: string): Scheme {
  const known: Readonly<Record<string, Scheme>> = { ...integrators, ...systemIntegrators, automatic };
  if (!Object.hasOwn(known, name)) throw unknownName("integrator", name, Object.keys(known));
  return known[name]!;
}

/** Turns plain numbers in text into numbers: "0.8" is a quantity only if it has a unit. */
const readable = (values: Readonly<Record<string, string>>): Record<string, number | string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, text]) => [
      name,
      text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text),
    ]),
  );
