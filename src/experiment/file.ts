import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SpikevineError } from "../errors.js";
import { parseJson } from "../io/formats/json.js";
import { readFileText } from "../io/read-file.js";
import { parseExperiment } from "./parse.js";
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
  if (kind === ".ts" || kind === ".js" || kind === ".mjs") return runModule(path);
  throw new SpikevineError(`experiment file "${path}" ends in "${kind}"; give a .json, .ts, .js or .mjs file.`);
}

const readText = (path: string): Promise<string> =>
  readFileText(path, { fix: "give the path of a .json or .ts file", largest: LARGEST_EXPERIMENT });

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  return parseJson(text, (problem) => new SpikevineError(`experiment file "${path}" ${problem}; correct it there.`));
}

/**
 * Runs a TypeScript or JavaScript module and returns its default export.
 * @throws SpikevineError if the module is missing, fails, or has no default export.
 */
export async function runModule(path: string): Promise<unknown> {
  await readText(path);
  const file = resolve(path);
  // jiti turns TypeScript into JavaScript; it is loaded only where a file needs it.
  const { createJiti } = await import("jiti");
  try {
    // The cache of compiled files is off: its folder is shared by all users of the machine, so another user's code could run.
    const jiti = createJiti(pathToFileURL(file).href, { interopDefault: false, fsCache: false });
    const loaded = await jiti.import<{ default?: unknown }>(file);
    if (loaded.default !== undefined) return loaded.default;
  } catch (error) {
    throw new SpikevineError(`experiment file "${path}" could not be run: ${(error as Error).message}`, {
      cause: error,
    });
  }
  throw new SpikevineError(`experiment file "${path}" has no default export; write \`export default { ... }\`.`);
}
