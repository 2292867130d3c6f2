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
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
};

/** Says in words why a file could not be used: the operating system's error code translated, or the error's message. */
export function fileProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return (code === undefined ? undefined : WORDS[code]) ?? error.message;
}

/**
 * The error to throw when the system refused to use a file: `cannot read "a.gz": there is no such file or folder;
 * check the path.` An error that did not come from the system is returned as it is.
 */
export function cannot(action: string, path: string, error: unknown, fix: string): unknown {
  if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code === undefined) return error;
  return new SpikevineError(`cannot ${action} "${path}": ${fileProblem(error)}; ${fix}.`, { cause: error });
}
