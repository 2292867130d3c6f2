import { access } from "node:fs/promises";
import type { TrainingOptions, TrainingSnapshot } from "spikevine";
import { readSafetensors, writeSafetensors } from "spikevine/io";

/**
 * Options of `train` that continue from a file, if it exists, and write it after every epoch and at a stop.
 * @param path the file, in a folder that exists
 */
export async function checkpointed(
  path: string,
): Promise<Pick<TrainingOptions, "resume" | "onSnapshot" | "snapshotDue">> {
  const resume = await readSnapshot(path);
  let epochs = resume?.progress.reports.length ?? 0;
  return {
    ...(resume === undefined ? {} : { resume }),
    snapshotDue: (at) => at.epochs > epochs,
    async onSnapshot({ progress, tensors }) {
      epochs = progress.reports.length;
      const shaped = [...tensors].map(
        ([name, { rows, columns, data }]) => [name, { shape: [rows, columns], data }] as const,
      );
      await writeSafetensors(path, new Map(shaped), new Map([["progress", JSON.stringify(progress)]]));
    },
  };
}

/** The snapshot in a file of `checkpointed`; undefined if there is none. */
export async function readSnapshot(path: string): Promise<TrainingSnapshot | undefined> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return undefined;
  const { tensors, metadata } = await readSafetensors(path);
  const shaped = [...tensors].map(([name, { shape, data }]) => {
    const [rows, columns] = shape as [number, number];
    return [name, { rows, columns, data: data as Float32Array }] as const;
  });
  return { progress: JSON.parse(metadata.get("progress")!), tensors: new Map(shaped) };
}
