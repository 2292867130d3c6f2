import fs from "node:fs";

/**
 * The calls of the operating system that keeping a run needs. Everything that writes takes them as a parameter, so that a
 * test can hand in a system on which the n-th call fails.
 */
export interface FileSystem {
  readonly promises: Pick<
    typeof fs.promises,
    "link" | "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rm" | "rmdir" | "stat"
  >;
  readonly openSync: typeof fs.openSync;
  readonly writeSync: (file: number, bytes: Uint8Array, offset?: number, length?: number, position?: number) => number;
  readonly fsyncSync: typeof fs.fsyncSync;
  readonly ftruncateSync: typeof fs.ftruncateSync;
  readonly closeSync: typeof fs.closeSync;
}

/** The file system of this machine. */
export const systemFiles: FileSystem = fs;
