import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../../io/atomic-file.js";
import { cannot, isMissing } from "../../io/file-problem.js";
import { type FileSystem, systemFiles } from "../../io/file-system.js";
import { readFileBytes } from "../../io/read-file.js";
import { isConfigUnchanged, type RunFolder, runFolder } from "../../io/run-folder/run-folder.js";
import type { Invocation } from "../command-line/command.js";
import { UsageError } from "../command-line/usage-error.js";
import { type SimulationConfig, simulationConfig } from "./simulation-config.js";
import { RESUME } from "./simulation-flags.js";

/** An earlier simulation to resume. */
export interface EarlierSimulation {
  readonly folder: RunFolder;
  readonly config: SimulationConfig;
  /** Paths of the saved states, newest first. */
  readonly states: ReadonlyMap<string, Uint8Array>;
}

/** The files of the newest state, and of the one before it. */
const stateFiles = (folder: RunFolder): readonly [newest: string, before: string] => [
  folder.file("state.spikevine"),
  folder.file("state-before.spikevine"),
];

/**
 * Saves a state and keeps the previous one.
 * @throws SpikevineError if writing fails; the previous state then still exists under one of the two names
 */
export async function saveState(folder: RunFolder, state: Uint8Array, files: FileSystem): Promise<void> {
  const [newest, before] = stateFiles(folder);
  try {
    await files.promises.rename(newest, before);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      throw cannot("write", before, error, "check the run folder");
  }
  await writeAtomically(newest, state, files);
}

/**
 * Opens the simulation that `--resume` names, if the flag was given.
 * @throws SpikevineError if the folder is not the run folder of a simulation, or its configuration was edited
 */
export async function earlierSimulation({ own, argument, files }: Invocation): Promise<EarlierSimulation | undefined> {
  const path = own(RESUME);
  if (typeof path !== "string") return undefined;
  if (argument !== undefined) throw new UsageError(`"${argument}" and --resume name two simulations; leave one out.`);
  const folder = runFolder(path);
  return { folder, config: await configOf(folder, files), states: await savedStates(folder, files) };
}

/** Paths of the saved states of a run folder, newest first. */
export async function savedStates(
  folder: RunFolder,
  files: FileSystem = systemFiles,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const states = new Map<string, Uint8Array>();
  for (const file of stateFiles(folder)) {
    const bytes = await readIfThere(file, files);
    if (bytes !== undefined) states.set(file, bytes);
  }
  return states;
}

async function configOf(folder: RunFolder, files: FileSystem): Promise<SimulationConfig> {
  const bytes = await readIfThere(folder.config, files);
  const fail = (problem: string): SpikevineError =>
    new SpikevineError(
      `--resume: "${folder.config}" ${problem}; give the folder of a simulation that this version wrote.`,
    );
  if (bytes === undefined) throw fail("is missing");
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw fail("is not JSON");
  }
  const checked = simulationConfig.safeParse(content);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!;
    throw fail(`is not the configuration of a simulation (${path.join(".") || "the whole"}: ${message})`);
  }
  const isUnchanged = await isConfigUnchanged(folder, files);
  if (isUnchanged === undefined) {
    throw fail("was written by Spikevine 0.1.0, which saved no states; simulate again");
  }
  if (!isUnchanged) {
    throw new SpikevineError(
      `--resume: "${folder.config}" was changed since the simulation wrote it (its checksum differs); restore it.`,
    );
  }
  return checked.data;
}

async function readIfThere(path: string, files: FileSystem): Promise<Uint8Array | undefined> {
  try {
    return await readFileBytes(path, { fix: "check the run folder", files });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
