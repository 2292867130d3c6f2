import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { bytes, callback, either, filePath, optional, signature, text } from "../arguments/index.js";
import { cannot } from "./file-problem.js";
import { FILES, type FileSystem, type OpenFile, systemFiles } from "./file-system.js";
import { makeFolder } from "./make-folder.js";

let serial = 0;

/**
 * The name contains the host, since process numbers are unique on one host only; containers have names of their own.
 */
const host = hostname().replace(/[^A-Za-z0-9-]+/g, "_");
/** Name of the file, process and host; version 0.1.0 wrote no host. */
const TEMPORARY = /^(.+)\.(\d+)-\d+(?:@([A-Za-z0-9_-]+))?\.tmp$/;

/** Age after which a file of another host is no longer being written. */
const ABANDONED_MS = 24 * 3600 * 1000;

const check = signature("writeAtomically", {
  path: filePath,
  write: either(text("a text"), bytes, callback("a function that writes")),
  files: optional(FILES),
});

/**
 * Writes a file atomically: a reader finds the old content or the new one, never a part. The content goes to a
 * temporary file in the same folder, is forced to the disk, and replaces `path` in one step. Missing folders are made.
 * If `write` or the disk fails, the temporary file is removed and `path` is unchanged.
 * @param write the bytes or text, or a function that writes them to the open file
 * @throws SpikevineError if the file system refuses; any error of `write`, unchanged
 */
export async function writeAtomically(
  path: string,
  write: Uint8Array | string | ((file: OpenFile) => Promise<void>),
  files: FileSystem = systemFiles,
): Promise<void> {
  check([path, write, files]);
  const { open, rename, rm } = files.promises;
  const temporary = `${path}.${process.pid}-${serial++}@${host}.tmp`;
  const fix = "choose a folder that can be written to";
  const refuse = (error: unknown): never => {
    throw cannot("write", path, error, fix);
  };
  let file: OpenFile;
  try {
    await makeFolder(dirname(path), files);
    file = await open(temporary, "wx");
  } catch (error) {
    return refuse(error);
  }
  try {
    try {
      if (typeof write === "function") await write(file);
      else await file.writeFile(write).catch(refuse);
      // A full disk may be reported only here.
      await file.sync().catch(refuse);
    } finally {
      await file.close().catch(refuse);
    }
    await rename(temporary, path).catch(refuse);
  } catch (error) {
    // Report the first error, not those of the clean-up.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path), files);
}

/**
 * Removes temporary files of `writeAtomically` that killed processes left behind. Files of processes that run, or may
 * run on another host, stay. A failure only leaves files behind.
 * @param isOurs tells if a file of this name belongs to the caller
 */
export async function removeAbandoned(
  folder: string,
  isOurs: (name: string) => boolean,
  { promises }: FileSystem = systemFiles,
): Promise<void> {
  for (const temporary of await promises.readdir(folder).catch(() => [])) {
    const [, name, pid, owner = host] = TEMPORARY.exec(temporary) ?? [];
    if (name === undefined || !isOurs(name)) continue;
    const file = join(folder, temporary);
    const isOver =
      owner === host
        ? !isRunning(Number(pid))
        : await promises.stat(file).then(
            ({ mtimeMs }) => Date.now() - mtimeMs > ABANDONED_MS,
            () => false,
          );
    if (isOver) await promises.rm(file, { force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Makes the rename itself durable. Some systems cannot open a folder; the file is complete even there. */
async function syncFolder(path: string, files: FileSystem): Promise<void> {
  try {
    const folder = await files.promises.open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {
    return;
  }
}
