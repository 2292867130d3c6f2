import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { bytes, callback, either, filePath, optional, signature, text } from "../arguments/index.js";
import { cannot } from "./file-problem.js";
import { FILES, type FileSystem, type OpenFile, systemFiles } from "./file-system.js";
import { makeFolder } from "./make-folder.js";

let serial = 0;

/** The host is in the name, since the number of a process counts on one host only; containers have names of their own. */
const host = hostname().replace(/[^A-Za-z0-9-]+/g, "_");
/** Name of the file, process and host; version 0.1.0 wrote no host. */
const TEMPORARY = /^(.+)\.(\d+)-\d+(?:@([A-Za-z0-9_-]+))?\.tmp$/;

/** After this long no process of another host is still writing a file. */
const ABANDONED_MS = 24 * 3600 * 1000;

const check = signature("writeAtomically", {
  path: filePath,
  write: either(text("a text"), bytes, callback("a function that writes")),
  files: optional(FILES),
});

/**
 * Writes a file so that a reader finds the old content or the new, never a part: the content goes into a temporary
 * file in the same folder, is forced to the disk, and takes the place of `path` in one step. Missing folders are made.
 * When `write` or the disk fails, the temporary file is removed and `path` is as it was.
 * @param write the bytes or text, or a function that writes them to the open file
 * @throws SpikevineError when the file system refuses; whatever `write` throws, unchanged
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
      // A full disk may show only now.
      await file.sync().catch(refuse);
    } finally {
      await file.close().catch(refuse);
    }
    await rename(temporary, path).catch(refuse);
  } catch (error) {
    // What went wrong first is what there is to tell.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path), files);
}

/**
 * Removes the temporary files that killed processes have left of files which `writeAtomically` writes. Those of processes
 * that run, or may run on another host, stay. A failure only leaves files behind.
 * @param isOurs whether a file of this name is one of the caller's
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

/** Makes the rename itself durable. Some systems cannot open a folder; there the file is whole all the same. */
async function syncFolder(path: string, files: FileSystem): Promise<void> {
  try {
    const folder = await files.promises.open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {
    return;
  }
}
