import { extname, resolve } from "node:path";
import { SpikevineError } from "../errors.js";
import { parseJson } from "../io/formats/json.js";
import { readFileText } from "../io/read-file.js";
import { PART_NAMES } from "./own-module.js";
import { parseExperiment } from "./parse.js";
import { runModule } from "./run-module.js";
import type { Experiment } from "./schema.js";
import { parseSweepSection, type SweepSection } from "./sweep-section.js";

/** Largest size of an experiment file in bytes; usual ones have a few thousand. */
const LARGEST_EXPERIMENT = 64 * 2 ** 20;

/**
 * Reads an experiment file: `.json`, or `.ts`, `.js` or `.mjs` with an experiment as its default export (the file is
 * run: it is the user's own code).
 * @throws SpikevineError if the file is missing, cannot be parsed, or a field is invalid.
 */
export async function readExperimentFile(path: string): Promise<Experiment> {
  const content = await readContent(path);
  if (hasSweep(content)) {
    throw new SpikevineError(
      `experiment file "${path}" describes a sweep; run "spikevine sweep ${path}", or remove its "sweep" section.`,
    );
  }
  return parseExperiment(content, path);
}

/**
 * Reads an experiment file that may have a `sweep` section beside the fields of an experiment.
 * @throws SpikevineError as `readExperimentFile` does, or if the section is invalid
 */
export async function readSweepFile(path: string): Promise<{ experiment: Experiment; sweep: SweepSection }> {
  const content = await readContent(path);
  if (!hasSweep(content)) return { experiment: parseExperiment(content, path), sweep: { vary: new Map() } };
  const { sweep, ...experiment } = content;
  return { experiment: parseExperiment(experiment, path), sweep: parseSweepSection(sweep, path) };
}

const hasSweep = (content: unknown): content is { sweep: unknown } =>
  typeof content === "object" && content !== null && Object.hasOwn(content, "sweep");

async function readContent(path: string): Promise<unknown> {
  const kind = extname(path);
  if (kind === ".json") return readJson(path);
  if (kind === ".ts" || kind === ".js" || kind === ".mjs") return runExperiment(path);
  throw new SpikevineError(`experiment file "${path}" ends in "${kind}"; give a .json, .ts, .js or .mjs file.`);
}

/**
 * The default export of a module. If it exports parts of an experiment too, such as a neuron, the experiment names the module.
 * @throws SpikevineError if there is neither
 */
async function runExperiment(path: string): Promise<unknown> {
  await readText(path);
  const exported = await runModule(resolve(path), path);
  const hasParts = PART_NAMES.some((name) => exported[name] !== undefined);
  const content = exported.default ?? (hasParts ? {} : undefined);
  if (content === undefined) throw noDefault(path);
  const isObject = typeof content === "object" && content !== null && !Array.isArray(content);
  return hasParts && isObject ? { module: resolve(path), ...content } : content;
}

/**
 * Runs a TypeScript or JavaScript module and returns its default export.
 * @throws SpikevineError if the module is missing, fails, or has no default export.
 */
export async function runDefaultExport(path: string): Promise<unknown> {
  await readText(path);
  const exported = await runModule(resolve(path), path);
  if (exported.default === undefined) throw noDefault(path);
  return exported.default;
}

const noDefault = (path: string): SpikevineError =>
  new SpikevineError(`experiment file "${path}" has no default export; write \`export default { ... }\`.`);

const readText = (path: string): Promise<string> =>
  readFileText(path, { fix: "give the path of a .json or .ts file", largest: LARGEST_EXPERIMENT });

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  return parseJson(text, (problem) => new SpikevineError(`experiment file "${path}" ${problem}; correct it there.`));
}
