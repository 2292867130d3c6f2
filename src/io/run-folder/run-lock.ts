import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { filePath, optional, signature } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../file-problem.js";
import { FILES, type FileSystem, systemFiles } from "../file-system.js";
import { isAlive, type LockOwner, NOBODY, ownerIn, thisProcess } from "./lock-owner.js";

/** Milliseconds between two checks of a lock that another process is replacing, and the number of checks. */
const PAUSE = 10;
const ATTEMPTS = 300;

const check = signature("lockRun", { path: filePath, files: optional(FILES) });

/**
 * Locks a run folder for this process, so that no two processes write to it. The lock is complete before it appears
 * under its name, and holds host, process and a random token. The lock of a process that has ended is replaced.
 * @param path path of the lock file
 * @returns a function that releases the folder; it removes the lock only if it is still this process's lock
 * @throws SpikevineError if a process that is alive (or may be, on another host) holds the lock, or the file system
 * refuses
 */
export async function lockRun(path: string, files: FileSystem = systemFiles): Promise<() => Promise<void>> {
  check([path, files]);
  const owner: LockOwner = { ...thisProcess(), token: randomUUID() };
  const complete = `${path}.${owner.token}.tmp`;
  const { rm } = files.promises;
  try {
    const file = await files.promises.open(complete, "wx");
    await file.writeFile(`${JSON.stringify(owner)}\n`).finally(() => file.close());
    await take(path, complete, files);
  } catch (error) {
    throw cannot("write", path, error, "choose a folder that can be written to");
  } finally {
    await rm(complete, { force: true }).catch(() => undefined);
  }
  return async () => {
    // A lock that was removed by hand may belong to another process by now.
    if ((await ownerIn(path, files))?.token === owner.token) await rm(path, { force: true }).catch(() => undefined);
  };
}

/** Gives the complete lock its name, once no live process has that name. */
async function take(path: string, complete: string, files: FileSystem): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await publish(complete, path, files);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === ATTEMPTS) throw error;
    }
    const owner = await ownerIn(path, files);
    if (owner === undefined) continue;
    if (isAlive(owner)) throw held(path, owner);
    // Without links a lock is empty for a moment.
    const isWritten = owner !== NOBODY || attempt > ATTEMPTS / 3;
    if (!isWritten || !(await removeStale(path, owner, files))) await setTimeout(PAUSE);
  }
}

/** @throws the system's error, EEXIST if the name exists */
async function publish(complete: string, path: string, files: FileSystem): Promise<void> {
  try {
    await files.promises.link(complete, path);
  } catch (error) {
    if (!WITHOUT_LINKS.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    const file = await files.promises.open(path, "wx");
    const content = await files.promises.readFile(complete);
    await file.writeFile(content).finally(() => file.close());
  }
}

/** Error codes of file systems without links, such as exFAT. */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/**
 * Removes the lock of a process that has ended. Only one process at a time does so, and it checks again first;
 * otherwise a second process would remove the new lock of the first.
 * @returns true if the name is free now; false if another process is removing the lock
 */
async function removeStale(path: string, stale: LockOwner, files: FileSystem): Promise<boolean> {
  let release: () => Promise<void>;
  try {
    release = await lockRun(`${path}.replace`, files);
  } catch (error) {
    if (error instanceof SpikevineError && error.cause === HELD) return false;
    throw error;
  }
  try {
    if ((await ownerIn(path, files))?.token === stale.token) await files.promises.rm(path, { force: true });
    return true;
  } finally {
    await release();
  }
}

/** Cause of the error about a held lock. It distinguishes a lock that will be released soon from a failing disk. */
const HELD = "the lock is held";

function held(path: string, { pid, host }: LockOwner): SpikevineError {
  const who = host === undefined ? `process ${pid}` : `process ${pid} on host "${host}"`;
  return new SpikevineError(
    `the run is locked by ${who}; wait for its end, or remove "${path}" if that is not Spikevine or has ended.`,
    { cause: HELD },
  );
}
