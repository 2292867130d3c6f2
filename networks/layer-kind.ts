import { kind, list, type RequiredKind, show } from "../src/arguments/index.js";
import { NEURON } from "../src/equations/definitions/neuron.js";

/** Kinds of layers, as the field `kind` names them. */
export const LAYER_KINDS = [
  "dense",
  "convolution",
  "averagePool",
  "sumPool",
  "maxPool",
  "batchNorm",
  "flatten",
  "neurons",
  "residual",
  "scale",
] as const;

/** The field that all layers have. */
export interface AnyLayer {
  readonly kind: (typeof LAYER_KINDS)[number];
}

/** A layer as an argument; a neuron by itself is a layer of such neurons. */
export const LAYER: RequiredKind = kind(
  "a layer, e.g. dense(10, snu()), or a neuron",
  (value) =>
    (LAYER_KINDS as readonly unknown[]).includes(Object(value).kind) || NEURON.fault(value, "layer") === undefined,
);

/** Layers as an argument. For the short form of a network as text, the error shows how to make layers of it. */
export const LAYERS: RequiredKind = {
  ...list(LAYER),
  fault: (value, path) =>
    typeof value === "string"
      ? `${path} is ${show(value)}; give a list of layers, e.g. shortForm(${show(value)}, lif()).`
      : list(LAYER).fault(value, path),
};
