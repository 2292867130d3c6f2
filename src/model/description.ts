import { z } from "zod";
import { layerDescription } from "./layer-description.js";

/**
 * A network and its definitions as data: the result of `describeModel` and the input of `buildModel`. It contains the
 * equations of its definitions, so any process can build them. An equation is parsed like any other and can only
 * compute.
 */

const name = z.string().max(200);
const text = z.string().max(4000);
const texts = z.record(name, text);
const size = z
  .int()
  .min(1)
  .max(2 ** 30);

const parameterSpec = z.strictObject({
  value: z.union([z.number(), text]),
  unit: text.exactOptional(),
  min: z.number().exactOptional(),
  max: z.number().exactOptional(),
  exclusiveMin: z.boolean().exactOptional(),
  exclusiveMax: z.boolean().exactOptional(),
  train: z.enum(["unit", "layer"]).exactOptional(),
  shared: z.boolean().exactOptional(),
  summary: text.exactOptional(),
});

const definition = {
  name,
  summary: text,
  source: text,
  parameters: z.record(name, parameterSpec).exactOptional(),
};

/** Values of parameters as given by the user, e.g. "20 ms". */
const values = texts;

const surrogate = z.strictObject({
  spec: z.strictObject({ ...definition, derivative: text, smooth: text }),
  values,
});

const neuron = z.strictObject({
  spec: z.strictObject({
    ...definition,
    summary: text.exactOptional(),
    source: text.exactOptional(),
    derived: z
      .record(
        name,
        z.union([text, z.strictObject({ equation: text, unit: text.exactOptional(), summary: text.exactOptional() })]),
      )
      .exactOptional(),
    input: z.strictObject({ symbol: text.exactOptional(), unit: text.exactOptional() }).exactOptional(),
    states: z
      .record(
        name,
        z.strictObject({
          unit: text.exactOptional(),
          initial: z.union([z.number(), text]).exactOptional(),
          shared: z.boolean().exactOptional(),
          summary: text.exactOptional(),
        }),
      )
      .exactOptional(),
    refractory: text.exactOptional(),
    unlessRefractory: z.array(name).exactOptional(),
    calculus: z.enum(["ito", "stratonovich"]).exactOptional(),
    update: texts.exactOptional(),
    dynamics: texts.exactOptional(),
    spike: text.exactOptional(),
    output: text.exactOptional(),
    reset: texts.exactOptional(),
  }),
  values,
  /** One for all states, or by state. */
  integrator: z.union([name, z.record(name, name)]),
  surrogate: surrogate.exactOptional(),
});

const encoder = z.strictObject({
  spec: z.strictObject({
    ...definition,
    spike: text.exactOptional(),
    current: text.exactOptional(),
    within: name.exactOptional(),
  }),
  values,
});

export const modelDescription = z.strictObject({
  format: z.literal("spikevine model"),
  /** Files of version 1, which Spikevine 0.1.0 wrote, have no checksum. */
  version: z.literal([1, 2]),
  /** Version of Spikevine that wrote the file. */
  spikevine: name,
  /** Number of values of a sample, or channels, height and width. */
  inputs: z.union([size, z.tuple([size, size, size])]),
  steps: size,
  /** Length of a step, ms. */
  dt: z.number(),
  seed: z.int(),
  readout: z.strictObject({
    name: z.enum(["count", "rate", "lastOutput", "lastState"]),
    state: name.exactOptional(),
    classes: size.exactOptional(),
  }),
  encoder,
  neurons: z.array(neuron).max(1000),
  layers: z.array(layerDescription).max(1000),
  /** Hashes of the formulas of every definition (see fingerprint.ts). */
  definitions: z.record(name, name),
});

export type ModelDescription = z.output<typeof modelDescription>;
