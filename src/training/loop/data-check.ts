import { dataFingerprint } from "../../data/fingerprint.js";
import { SpikevineError } from "../../errors.js";
import type { TrainingOptions } from "../options.js";
import type { DataFingerprints } from "./snapshot.js";

/**
 * Fingerprints of the data of a training, if it makes snapshots or resumes from one.
 * @throws SpikevineError if the data are not those that the snapshot was made with.
 */
export async function checkData(options: TrainingOptions): Promise<DataFingerprints | undefined> {
  const { data, validation, onSnapshot, resume } = options;
  if (onSnapshot === undefined && resume?.progress.data === undefined) return undefined;
  const now: DataFingerprints = {
    train: await dataFingerprint(data),
    ...(validation === undefined ? {} : { validation: await dataFingerprint(validation) }),
  };
  const was = resume?.progress.data ?? now;
  for (const [what, option] of [
    ["train", "data"],
    ["validation", "validation"],
  ] as const) {
    if (was[what] === now[what]) continue;
    throw new SpikevineError(
      `train: cannot resume from the snapshot: ${option} has the fingerprint ${now[what] ?? "none"} and had ${was[what] ?? "none"}; give the data that the snapshot was made with, or leave progress.data out of it to change them on purpose.`,
    );
  }
  return now;
}
