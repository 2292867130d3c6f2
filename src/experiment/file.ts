import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SpikevineError } from "../errors.js";
import { parseExperiment } from "./parse.js";
import type { Experiment } from "./schema.js";
import { parseSweepSection, type SweepSection } from "./sweep-section.js";

/**
 * Reads an experiment file: `.json`, or `.ts`, `.js` or `.mjs` with an experiment as its default export (the file is
 * run: it is the user's own code).
 * @throws SpikevineError if the file is not there, cannot be read as what it is, or a field does not fit.
 */
export async function readExperimentFile(path: string): Promise<Experiment> {
  const content = await readContent(path);
  if (hasSweep(content)) {
    throw new SpikevineError(
      `experiment file "${path}" is of a sweep; run "spikevine sweep ${path}", or take "sweep" out.`,
    );
  }
  return parseExperiment(content, path);
}

/**
 * Reads an experiment file that may have a `sweep` section beside the fields of an experiment.
 * @throws SpikevineError as `readExperimentFile` does, or where the section does not fit
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

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : "cannot be read";
    throw new SpikevineError(`experiment file "${path}" ${reason}; give the path of a .json or .ts file.`, {
      cause: error,
    });
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SpikevineError(`experiment file "${path}" is not JSON (${(error as Error).message}); mend it there.`, {
      cause: error,
    });
  }
}

/**
 * Runs a module, TypeScript or JavaScript, and gives its default export.
 * @throws SpikevineError if it is not there, fails, or exports nothing by default.
 */
export async function runModule(path: string): Promise<unknown> {
  await readText(path);
  const file = resolve(path);
  // jiti turns TypeScript into JavaScript; it is loaded only where a file needs it.
  const { createJiti } = await import("jiti");
  try {
    const loaded = await createJiti(pathToFileURL(file).href, { interopDefault: false }).import<{ default?: unknown }>(
      file,
    );
    if (loaded.default !== undefined) return loaded.default;
  } catch (error) {
    throw new SpikevineError(`experiment file "${path}" could not be run: ${(error as Error).message}`, {
      cause: error,
    });
  }
  throw new SpikevineError(`experiment file "${path}" has no default export; write \`export default { ... }\`.`);
}
