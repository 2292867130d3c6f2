import { type Checkpoint, CheckpointStore, differences, type RunIdentity } from "../../checkpoint/index.js";
import { SpikevineError } from "../../errors.js";
import type { Field } from "../../experiment/fields.js";
import { readExperimentFile } from "../../experiment/file.js";
import { parseExperiment, storedStyle } from "../../experiment/parse.js";
import type { Experiment } from "../../experiment/schema.js";
import { isConfigUnchanged, type RunFolder, runFolder } from "../../io/run-folder/run-folder.js";
import type { Invocation } from "../command-line/command.js";
import { UsageError } from "../command-line/usage-error.js";

const flag = (name: string, rest: Pick<Field, "kind" | "default" | "description" | "expects">): Field => ({
  keys: [name],
  path: name,
  flag: name,
  group: "Resume",
  ...rest,
});

const RESUME = flag("resume", {
  kind: "text",
  default: null,
  description: "run folder to go on in, from its newest whole checkpoint, to the same bits as if it had not stopped",
  expects: "a run folder",
});

const ALLOW_CHANGES = flag("allow-changes", {
  kind: "switch",
  default: false,
  description: "go on although the configuration, the data, a definition, the device or the version is another",
  expects: "true or false",
});

/** The flags of going on with a run. */
export const RESUME_FLAGS: readonly Field[] = [RESUME, ALLOW_CHANGES];

/** A run that was begun earlier. */
export interface EarlierRun {
  readonly folder: RunFolder;
  /** As it was begun. */
  readonly experiment: Experiment;
  /** The newest whole one; nothing where the run was ended before the first. */
  readonly checkpoint?: Checkpoint;
  /** What was wrong with newer ones. */
  readonly problems: readonly string[];
}

/**
 * The run that `--resume` names, if it was given.
 * @throws SpikevineError if it is no run folder or none of its checkpoints is whole.
 */
export async function earlierRun({ own, argument, files }: Invocation): Promise<EarlierRun | undefined> {
  const path = own(RESUME);
  if (typeof path !== "string") {
    if (own(ALLOW_CHANGES) !== undefined) throw new UsageError("--allow-changes says how to go on; give --resume too.");
    return undefined;
  }
  if (argument !== undefined) {
    throw new UsageError(`"${argument}" and --resume are two experiments; leave one out.`);
  }
  const folder = runFolder(path);
  const { checkpoint, problems } = await new CheckpointStore(folder.checkpoints, 1, files).latest();
  let experiment: Experiment;
  try {
    experiment = await readExperimentFile(folder.config);
  } catch (error) {
    if (!(error instanceof SpikevineError)) throw error;
    if (checkpoint === undefined) {
      throw new SpikevineError(`--resume: "${path}" is no run folder: ${error.message}`, { cause: error });
    }
    // The checkpoint has the configuration too, with a checksum over it.
    experiment = parseExperiment(checkpoint.run.experiment, checkpoint.path, storedStyle);
    const isThere = await files.promises.stat(folder.config).catch(() => undefined);
    if (isThere) problems.push(`${error.message} The configuration in "${checkpoint.path}" is used.`);
  }
  // With a checkpoint, its configuration is compared field by field.
  if (checkpoint === undefined && own(ALLOW_CHANGES) !== true) {
    const isUnchanged = await isConfigUnchanged(folder, files);
    if (isUnchanged !== true) {
      const what = isUnchanged === false ? "its checksum differs" : "it has no checksum, as in Spikevine 0.1.0";
      throw new SpikevineError(
        `--resume: "${folder.config}" is perhaps not as this version wrote it (${what}); restore it, or give --allow-changes to begin with what it says.`,
      );
    }
  }
  return { folder, experiment, ...(checkpoint ? { checkpoint } : {}), problems };
}

/**
 * Whether a run is still what it was.
 * @throws SpikevineError that shows what is another, unless `--allow-changes` was given.
 */
export function isUnchanged(earlier: EarlierRun, now: RunIdentity, { own }: Invocation): boolean {
  // Without a checkpoint the configuration is all that is known of it.
  const experiment = JSON.parse(JSON.stringify(earlier.experiment)) as RunIdentity["experiment"];
  const changes = differences(earlier.checkpoint?.run ?? { ...now, experiment }, now);
  if (changes.length > 0 && own(ALLOW_CHANGES) !== true) {
    throw new SpikevineError(
      `--resume: this would not be the same run: ${changes.join("; ")}; make it as it was, or give --allow-changes to go on all the same.`,
    );
  }
  return changes.length === 0;
}
