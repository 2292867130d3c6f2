import { open, readFile, rm } from "node:fs/promises";
import { SpikevineError } from "../errors.js";
import { cannot } from "./file-problem.js";

/**
 * Takes a run folder for this process, so that no two write into it. A lock that a killed process left is taken over.
 * @param path of the lock file
 * @returns gives the folder free again
 * @throws SpikevineError when a process that is alive has it, or the file system refuses
 */
export async function lockRun(path: string): Promise<() => Promise<void>> {
  for (let attempt = 1; ; attempt++) {
    try {
      const file = await open(path, "wx");
      await file.writeFile(String(process.pid)).finally(() => file.close());
      return () => rm(path, { force: true }).catch(() => undefined);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === 3) {
        throw cannot("write", path, error, "choose a folder that can be written to");
      }
    }
    const owner = Number(await readFile(path, "utf8").catch(() => ""));
    if (owner !== process.pid && isAlive(owner)) {
      throw new SpikevineError(
        `the run is in the hands of process ${owner}; wait for its end, or remove "${path}" if that is no Spikevine.`,
      );
    }
    await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
