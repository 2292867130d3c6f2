import { kind, type RequiredKind } from "../src/arguments/index.js";

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

/** A layer as an argument. */
export const LAYER: RequiredKind = kind("a layer, e.g. dense(10, snu())", (value) =>
  (LAYER_KINDS as readonly unknown[]).includes(Object(value).kind),
);
