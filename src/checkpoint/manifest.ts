import { z } from "zod";
import { SpikevineError } from "../errors.js";
import { parseJson } from "../io/formats/json.js";
import { sha256 } from "../io/sha256.js";

/**
 * The manifest of a checkpoint: everything but the tensors, as JSON. The file is `{ "sha256": ..., "manifest": ... }`.
 * The hash covers the manifest as `JSON.stringify` writes it, so that any flipped bit is detected.
 */

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
/** JSON has no NaN, so a figure that is not a number is null. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const terms = z.record(z.string(), z.number());

const report = z.strictObject({
  epoch: z.int().min(1),
  loss: z.number(),
  terms: terms.exactOptional(),
  accuracy: figure,
  validation: z
    .strictObject({
      accuracy: figure,
      loss: z.number(),
      terms: terms.exactOptional(),
      samples: count,
      steps: count,
    })
    .exactOptional(),
  trainingSeconds: z.number(),
  validationSeconds: z.number(),
  modulation: z
    .record(z.string(), z.strictObject({ mean: figure, deviation: figure, histogram: z.array(count).readonly() }))
    .exactOptional(),
  symmetry: z
    .record(
      z.string(),
      z.strictObject({
        angle: figure,
        normRatio: figure,
        relativeDistance: figure,
        predictedDistance: figure.exactOptional(),
      }),
    )
    .exactOptional(),
});

const dataIdentity = z.strictObject({
  name: z.string(),
  count,
  pixels: count,
  classes: count,
  sha256: digest,
});

/** Samples of a run: name, size and hash of the bytes. */
export type DataIdentity = z.output<typeof dataIdentity>;

const identity = z.strictObject({
  /** Version of Spikevine. */
  spikevine: z.string(),
  node: z.string(),
  /** Name of the device and its description. */
  device: z.strictObject({ name: z.string(), executor: z.string() }),
  /** The whole configuration. */
  experiment: z.json(),
  experimentSha256: digest,
  data: z.record(z.string(), dataIdentity),
  /** Hashes of the formulas of every definition used. */
  definitions: z.record(z.string(), digest),
});

/** Identity of a run: two runs of equal identity give bit-identical results. */
export type RunIdentity = z.output<typeof identity>;

const manifest = z.strictObject({
  format: z.literal("spikevine checkpoint"),
  version: z.literal(1),
  /** Time of writing, UTC. */
  written: z.string(),
  run: identity,
  progress: z.strictObject({
    updates: count,
    startDifferences: z.record(z.string(), figure),
    reports: z.array(report).readonly(),
    // Checkpoints of 0.1.0 have no terms.
    sums: z.strictObject({
      samples: count,
      loss: z.number(),
      terms: terms.default({}),
      correct: count,
      seconds: z.number(),
    }),
    data: z.strictObject({ train: z.string(), validation: z.string().exactOptional() }).exactOptional(),
  }),
  tensors: z.strictObject({ bytes: count, sha256: digest }),
});

export type Manifest = z.output<typeof manifest>;

/** The text of a manifest file. */
export function serializeManifest(content: Manifest): string {
  return `${JSON.stringify({ sha256: sha256(JSON.stringify(content)), manifest: content }, null, 2)}\n`;
}

/**
 * Reads a manifest.
 * @param name the file's name, for messages
 * @throws SpikevineError if the file is not a manifest, is damaged, or is of another version
 */
export function parseManifest(text: string, name: string): Manifest {
  const fail = (what: string): SpikevineError =>
    new SpikevineError(`checkpoint "${name}" ${what}; use the one before it.`);
  const file = parseJson(text, fail);
  if (typeof file !== "object" || file === null || Array.isArray(file)) throw fail("is not a JSON object");
  const { sha256: sum, manifest: content } = file as Record<string, unknown>;
  if (typeof content !== "object" || sum !== sha256(JSON.stringify(content)))
    throw fail("is damaged (its checksum differs)");
  const result = manifest.safeParse(content);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw fail(`is not a checkpoint of this version (${path.join(".") || "the whole"}: ${message})`);
}
