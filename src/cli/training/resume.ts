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
  description:
    "run folder to resume from its newest undamaged checkpoint; the results are bit-identical to those of an uninterrupted run",
  expects: "a run folder",
});

const ALLOW_CHANGES = flag("allow-changes", {
  kind: "switch",
  default: false,
  description: "resume even if the configuration, the data, a definition, the device or the version has changed",
  expects: "true or false",
});

/** Flags for resuming a run. */
export const RESUME_FLAGS: readonly Field[] = [RESUME, ALLOW_CHANGES];

/** An earlier run to resume. */
export interface EarlierRun {
  readonly folder: RunFolder;
  /** Configuration that the run was started with. */
  readonly experiment: Experiment;
  /** The newest undamaged checkpoint; undefined if the run ended before the first. */
  readonly checkpoint?: Checkpoint;
  /** Problems of the newer checkpoints. */
  readonly problems: readonly string[];
}

/**
 * Opens the run that `--resume` names, if the flag was given.
 * @throws SpikevineError if the folder is not a run folder, or all of its checkpoints are damaged.
 */
export async function earlierRun({ own, argument, files }: Invocation): Promise<EarlierRun | undefined> {
  const path = own(RESUME);
  if (typeof path !== "string") {
    if (own(ALLOW_CHANGES) !== undefined)
      throw new UsageError("--allow-changes only applies to a resumed run; give --resume too.");
    return undefined;
  }
  if (argument !== undefined) {
    throw new UsageError(`"${argument}" and --resume name two experiments; leave one out.`);
  }
  const folder = runFolder(path);
  const { checkpoint, problems } = await new CheckpointStore(folder.checkpoints, 1, files).latest();
  let experiment: Experiment;
  try {
    experiment = await readExperimentFile(folder.config);
  } catch (error) {
    if (!(error instanceof SpikevineError)) throw error;
    if (checkpoint === undefined) {
      throw new SpikevineError(`--resume: "${path}" is not a run folder: ${error.message}`, { cause: error });
    }
    // The checkpoint contains the configuration too, protected by a checksum.
    experiment = parseExperiment(checkpoint.run.experiment, checkpoint.path, storedStyle);
    const isThere = await files.promises.stat(folder.config).catch(() => undefined);
    if (isThere) problems.push(`${error.message} The configuration in "${checkpoint.path}" is used.`);
  }
  // With a checkpoint, its configuration is compared field by field.
  if (checkpoint === undefined && own(ALLOW_CHANGES) !== true) {
    const isUnchanged = await isConfigUnchanged(folder, files);
    if (isUnchanged !== true) {
      const reason = isUnchanged === false ? "its checksum differs" : "it has no checksum, as in Spikevine 0.1.0";
      throw new SpikevineError(
        `--resume: "${folder.config}" may have been edited since it was written (${reason}); restore it, or give --allow-changes to start with it as it is.`,
      );
    }
  }
  return { folder, experiment, ...(checkpoint ? { checkpoint } : {}), problems };
}

/**
 * Checks that nothing which determines the results of a run has changed.
 * @throws SpikevineError that lists the changes, unless `--allow-changes` was given.
 */
export function isUnchanged(earlier: EarlierRun, now: RunIdentity, { own }: Invocation): boolean {
  // Without a checkpoint, only the configuration is known.
  const experiment = JSON.parse(JSON.stringify(earlier.experiment)) as RunIdentity["experiment"];
  const changes = differences(earlier.checkpoint?.run ?? { ...now, experiment }, now);
  if (changes.length > 0 && own(ALLOW_CHANGES) !== true) {
    throw new SpikevineError(
      `--resume: this would not be the same run: ${changes.join("; ")}; undo the changes, or give --allow-changes to resume with them.`,
    );
  }
  return changes.length === 0;
}
