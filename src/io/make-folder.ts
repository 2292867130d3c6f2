import { dirname } from "node:path";
import { type FileSystem, systemFiles } from "./file-system.js";

/**
 * Makes a folder and its missing parents. Unlike `mkdir` with `recursive`, this ends if a file system reports "no such
 * folder" for a folder whose parent exists, as /proc does.
 * @throws the system's error
 */
export async function makeFolder(path: string, files: FileSystem = systemFiles): Promise<void> {
  const { mkdir, stat } = files.promises;
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") {
      if ((await stat(path)).isDirectory()) return;
      throw Object.assign(new Error(`${path} is a file`), { code: "ENOTDIR" });
    }
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path), files);
    await makeLast(path, files);
  }
}

/** The parent exists now; another program may have made the folder in the meantime. */
async function makeLast(path: string, files: FileSystem): Promise<void> {
  try {
    await files.promises.mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
