import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { SpikevineError } from "../errors.js";

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "it exists already",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
  EMFILE: 'this process may not open more files (see "ulimit -n")',
  ENFILE: "the machine has no more files to open",
  EDQUOT: "your disk quota is used up",
  EIO: "the disk does not respond (an input or output error)",
  ENAMETOOLONG: "the name is too long",
};

/**
 * Describes in words why a file could not be used: the operating system's error code translated, or the error's
 * message.
 */
export function fileProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return (code === undefined ? undefined : WORDS[code]) ?? error.message;
}

/**
 * The error to throw when the system refused to use a file: `cannot read "a.gz": there is no such file or folder; check
 * the path.` An error that did not come from the system is returned unchanged.
 */
export function cannot(action: string, path: string, error: unknown, fix: string): unknown {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code === undefined) return error;
  const isOutOfFiles = (error as NodeJS.ErrnoException).code === "ENOSPC" && freeFiles(path) === 0;
  const problem = isOutOfFiles ? "no more files fit on the disk (its inodes are used up)" : fileProblem(error);
  return new SpikevineError(`cannot ${action} "${path}": ${problem}; ${fix}.`, { cause: error });
}

/** Number of files that still fit on the disk of a path; undefined if its file system does not count them. */
function freeFiles(path: string): number | undefined {
  try {
    const { files, ffree } = statfsSync(path);
    return files === 0 ? undefined : ffree;
  } catch {
    return dirname(path) === path ? undefined : freeFiles(dirname(path));
  }
}

/** Whether a file or folder is missing, from the system's error or from the sentence that `cannot` made of it. */
export function isMissing(error: unknown): boolean {
  const { code, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  return code === "ENOENT" || cause?.code === "ENOENT";
}
