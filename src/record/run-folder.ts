import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SpikevineError } from "../errors.js";
import { writeAtomically } from "./atomic-file.js";
import { cannot } from "./file-problem.js";
import { makeFolder } from "./make-folder.js";

/** The folder of one run and the files in it. */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  readonly metrics: string;
  readonly log: string;
  readonly weights: string;
  /** Folder of the checkpoints. */
  readonly checkpoints: string;
  /** Path of any other file of the run, such as a plot. */
  file(name: string): string;
}

/**
 * Makes a new folder `root/2026-11-24T05-50-00-name` (time in UTC) that did not exist before; a second run in the same
 * second gets `-2` at the end. A file is written into it and removed, so that a folder without room or permission is
 * found before the work, not after it.
 * @param options.root default `runs`
 * @param options.name what the run is, such as `snu-digits`; anything but letters, digits and dots becomes a dash
 * @throws SpikevineError when the folder cannot be made or written to
 */
export async function createRunFolder(options: { root?: string; name?: string; now?: Date } = {}): Promise<RunFolder> {
  const root = options.root ?? "runs";
  const time = (options.now ?? new Date()).toISOString().slice(0, 19).replaceAll(":", "-");
  const name = (options.name ?? "")
    .replace(/[^A-Za-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80);
  const fix = "choose another folder for the run";
  try {
    await makeFolder(root);
    const path = await newFolder(join(root, name === "" ? time : `${time}-${name}`));
    const probe = join(path, ".probe");
    await writeFile(probe, "can be written\n", { flag: "wx" });
    await rm(probe);
    return runFolder(path);
  } catch (error) {
    throw cannot("make a run folder in", root, error, fix);
  }
}

/** The files of a run folder that exists already. */
export function runFolder(path: string): RunFolder {
  return {
    path,
    config: join(path, "config.json"),
    metrics: join(path, "metrics.ndjson"),
    log: join(path, "log.ndjson"),
    weights: join(path, "weights.safetensors"),
    checkpoints: join(path, "checkpoints"),
    file: (name) => join(path, name),
  };
}

/** Writes the configuration as readable JSON. Throws SpikevineError when it cannot be written. */
export async function writeConfig(folder: RunFolder, config: object): Promise<void> {
  await writeAtomically(folder.config, `${JSON.stringify(config, null, 2)}\n`);
}

async function newFolder(wanted: string): Promise<string> {
  for (let attempt = 1; attempt <= 1000; attempt++) {
    const path = attempt === 1 ? wanted : `${wanted}-${attempt}`;
    try {
      await mkdir(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new SpikevineError(`run folder: "${wanted}" and 999 numbered after it exist; choose another name.`);
}
