import type { Network } from "../../networks/index.js";
import { NETWORK } from "../../networks/network.js";
import { automatic, integrators, type NeuronDefinition, type Scheme, systemIntegrators } from "../../neurons/index.js";
import { signature, text } from "../arguments/index.js";
import type { Parameters } from "../equations/definitions/parameters.js";
import { SpikevineError } from "../errors.js";
import type { ModelDescription } from "./description.js";
import { fingerprints } from "./fingerprint.js";
import { describeLayer, neuronsIn } from "./layers.js";

const check = signature("describeModel", { network: NETWORK, spikevine: text("a version") });

/**
 * Describes a network and its definitions as data, without its weights.
 * @param spikevine version that writes the description
 * @throws SpikevineError for a neuron with a custom integrator, which is code rather than data.
 */
export function describeModel(network: Network, spikevine: string): ModelDescription {
  check([network, spikevine]);
  const neurons = neuronsIn(network.layers);
  const { inputShape, steps, dt, seed, readout, encoder } = network;
  const { channels, height, width } = inputShape;
  return plain({
    format: "spikevine model",
    version: 2,
    spikevine,
    inputs: height * width === 1 ? channels : [channels, height, width],
    steps,
    dt,
    seed,
    readout,
    encoder: { spec: encoder.spec, values: shown(encoder.parameters) },
    neurons: neurons.map(describeNeuron),
    layers: network.layers.map((layer) => describeLayer(layer, neurons)),
    definitions: fingerprints(network),
  });
}

function describeNeuron(neuron: NeuronDefinition): object {
  const { spec, parameters, surrogate, integrator } = neuron;
  const { integrator: _, surrogate: __, ...equations } = spec;
  return {
    spec: equations,
    values: shown(parameters),
    integrator:
      "parts" in integrator && integrator.schemes !== undefined
        ? Object.fromEntries([...integrator.schemes].map(([state, scheme]) => [state, nameOf(scheme, neuron)]))
        : nameOf(integrator, neuron),
    ...(surrogate === undefined ? {} : { surrogate: { spec: surrogate.spec, values: shown(surrogate.parameters) } }),
  };
}

/** @throws SpikevineError for a scheme that is not one of the library. */
function nameOf(scheme: Scheme, neuron: NeuronDefinition): string {
  const known = Object.entries<Scheme>({ ...integrators, ...systemIntegrators, automatic });
  const found = known.find(([, candidate]) => candidate === scheme)?.[0];
  if (found !== undefined) return found;
  throw new SpikevineError(
    `neurons/${neuron.name}: the integrator "${scheme.name}" cannot be saved; use one of ${known.map(([name]) => name).join(", ")}.`,
  );
}

const shown = (parameters: Parameters): Record<string, string> =>
  Object.fromEntries(Object.entries(parameters).map(([name, info]) => [name, info.shown]));

/** Converts to the form that JSON can represent: infinite bounds are left out. */
const plain = (description: object): ModelDescription =>
  JSON.parse(
    JSON.stringify(description, (_, value: unknown) =>
      typeof value === "number" && !Number.isFinite(value) ? undefined : value,
    ),
  ) as ModelDescription;
