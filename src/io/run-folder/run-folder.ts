import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fields, filePath, kind, made, optional, record, signature, tagOf, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../atomic-file.js";
import { cannot, isMissing } from "../file-problem.js";
import { FILES, type FileSystem, systemFiles } from "../file-system.js";
import { makeFolder } from "../make-folder.js";
import { readFileBytes, readFileText } from "../read-file.js";
import { sha256 } from "../sha256.js";

/** The folder of one run and the files in it. */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  /** Checksum of the configuration, as `sha256sum` writes it. */
  readonly configChecksum: string;
  readonly metrics: string;
  readonly log: string;
  readonly weights: string;
  /** Folder of the checkpoints. */
  readonly checkpoints: string;
  /** Path of any other file of the run, such as a plot. */
  file(name: string): string;
}

interface RunFolderOptions {
  root?: string;
  name?: string;
  now?: Date;
  files?: FileSystem;
}

const FOLDER = made("the folder of a run, e.g. runFolder(path)", "config", "configChecksum");
const checkCreate = signature("createRunFolder", {
  options: fields<RunFolderOptions>(
    {
      root: optional(filePath),
      name: optional(text()),
      now: optional(kind("a Date", (value) => tagOf(value) === "Date" && !Number.isNaN(Number(value)))),
      files: optional(FILES),
    },
    { root: "options" },
  ),
});
const checkRoot = signature("checkRunRoot", { root: filePath });
const checkFolder = signature("runFolder", { path: filePath });
const checkWrite = signature("writeConfig", {
  folder: FOLDER,
  config: record("an object"),
  files: optional(FILES),
});
const checkUnchanged = signature("isConfigUnchanged", { folder: FOLDER, files: optional(FILES) });

/**
 * Makes a new folder `root/2026-11-24T05-50-00-name` (time in UTC); a second run in the same second gets the suffix
 * `-2`.
 * @param options.root default `runs`
 * @param options.name name of the run, such as `snu-digits`; characters other than letters, digits and dots become
 * dashes
 * @throws SpikevineError if the folder cannot be made or written to
 */
export async function createRunFolder(options: RunFolderOptions = {}): Promise<RunFolder> {
  checkCreate([options]);
  const { files = systemFiles } = options;
  const root = options.root ?? "runs";
  const time = (options.now ?? new Date()).toISOString().slice(0, 19).replaceAll(":", "-");
  const name = (options.name ?? "")
    .replace(/[^A-Za-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80);
  try {
    await makeFolder(root, files);
    return runFolder(await newFolder(join(root, name === "" ? time : `${time}-${name}`), files));
  } catch (error) {
    throw cannotMake(root, error);
  }
}

/**
 * Checks that a run folder can be made, without making it, so that a run does not fail after its work.
 * @throws SpikevineError if it cannot
 */
export async function checkRunRoot(root: string): Promise<void> {
  checkRoot([root]);
  try {
    for (let path = resolve(root); ; path = dirname(path)) {
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT" || dirname(path) === path) throw error;
      });
      if (found === undefined) continue;
      if (!found.isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: "ENOTDIR" });
      return await access(path, constants.W_OK | constants.X_OK);
    }
  } catch (error) {
    throw cannotMake(root, error);
  }
}

const cannotMake = (root: string, error: unknown): unknown =>
  cannot("make a run folder in", root, error, "choose another folder for the run");

/** The files of an existing run folder. */
export function runFolder(path: string): RunFolder {
  checkFolder([path]);
  return {
    path,
    config: join(path, "config.json"),
    configChecksum: join(path, "config.sha256"),
    metrics: join(path, "metrics.ndjson"),
    log: join(path, "log.ndjson"),
    weights: join(path, "weights.safetensors"),
    checkpoints: join(path, "checkpoints"),
    file: (name) => join(path, name),
  };
}

/**
 * Writes the configuration as readable JSON, and its checksum.
 * @throws SpikevineError if they cannot be written.
 */
export async function writeConfig(folder: RunFolder, config: object, files?: FileSystem): Promise<void> {
  checkWrite([folder, config, files]);
  const text = `${JSON.stringify(config, null, 2)}\n`;
  // Write the checksum first: a configuration without one counts as written by another version.
  await writeAtomically(folder.configChecksum, `${sha256(text)}  config.json\n`, files);
  await writeAtomically(folder.config, text, files);
}

/**
 * True if the configuration is unchanged since it was written; undefined if it has no checksum, as in version 0.1.0.
 */
export async function isConfigUnchanged(
  folder: RunFolder,
  files: FileSystem = systemFiles,
): Promise<boolean | undefined> {
  checkUnchanged([folder, files]);
  const options = { fix: "make it readable", files };
  try {
    const [sum] = (await readFileText(folder.configChecksum, options)).split(" ");
    return sum === sha256(await readFileBytes(folder.config, options));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function newFolder(wanted: string, files: FileSystem): Promise<string> {
  for (let attempt = 1; attempt <= 1000; attempt++) {
    const path = attempt === 1 ? wanted : `${wanted}-${attempt}`;
    try {
      await files.promises.mkdir(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new SpikevineError(`run folder: "${wanted}" and 999 numbered after it exist; choose another name.`);
}
