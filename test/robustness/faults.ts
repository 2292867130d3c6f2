import { systemFiles } from "#spikevine/src/io/file-system";
import type { FileSystem, OpenFile } from "#spikevine/src/io/index";

/** Faults of a disk at the n-th call. After all but the first it is gone: every later call fails too. */
export const FAULTS = ["full for a moment", "no permission from then on", "torn write", "lost rename"] as const;
export type Fault = (typeof FAULTS)[number];

const failure = (code: string): Error => Object.assign(new Error(`${code}: made by a test`), { code });

/** A file system whose n-th call fails, and the number of its calls. */
export interface FaultyFiles {
  readonly files: FileSystem;
  readonly calls: number;
}

/** The file system of this machine, except for its n-th call. */
export function faultyFiles(fault: Fault, n: number): FaultyFiles {
  let calls = 0;
  /** True if the disk refuses this call; the caller does `torn` and `lost`. */
  const next = (): "works" | "torn" | "lost" => {
    calls++;
    if (calls < n) return "works";
    if (fault === "full for a moment") {
      if (calls === n) throw failure("ENOSPC");
      return "works";
    }
    if (calls > n || fault === "no permission from then on") throw failure("EACCES");
    return fault === "torn write" ? "torn" : "lost";
  };
  const half = <T extends Uint8Array | string>(content: T): T => content.slice(0, content.length >> 1) as T;
  const opened = (file: OpenFile): OpenFile => ({
    async writeFile(content) {
      if (next() !== "torn") return file.writeFile(content);
      await file.writeFile(half(content));
      throw failure("ENOSPC");
    },
    async write(bytes) {
      if (next() !== "torn") return file.write(bytes);
      await file.write(half(bytes));
      throw failure("ENOSPC");
    },
    read: (into) => file.read(into),
    async sync() {
      next();
      await file.sync();
    },
    async close() {
      await file.close();
    },
  });
  const real = systemFiles.promises;
  const counted =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      next();
      return call(...args);
    };
  const promises: FileSystem["promises"] = {
    ...real,
    link: counted(real.link),
    mkdir: counted(real.mkdir),
    async open(path, flags) {
      // Folders are opened to be forced to the disk, which some systems refuse; nothing depends on it.
      if (flags !== "r") next();
      return opened(await real.open(path, flags));
    },
    async rename(from, to) {
      if (next() !== "lost") return real.rename(from, to);
    },
    rm: counted(real.rm),
    readdir: (path) => real.readdir(path),
    readFile: real.readFile,
    stat: (path) => real.stat(path),
  };
  const files: FileSystem = {
    promises,
    openSync(path, flags) {
      next();
      return systemFiles.openSync(path, flags);
    },
    writeSync(file, bytes, offset = 0) {
      if (next() !== "torn") return systemFiles.writeSync(file, bytes, offset);
      systemFiles.writeSync(file, bytes.subarray(0, offset + ((bytes.length - offset) >> 1)), offset);
      throw failure("ENOSPC");
    },
    fsyncSync(file) {
      next();
      systemFiles.fsyncSync(file);
    },
    ftruncateSync: (file, length) => systemFiles.ftruncateSync(file, length),
    closeSync: (file) => systemFiles.closeSync(file),
  };
  return {
    files,
    get calls() {
      return calls;
    },
  };
}

/**
 * A clock that advances by any amount at each read, stands still, or jumps back, as its seed says.
 * @returns milliseconds
 */
export function oddClock(seed: number): () => number {
  let state = seed + 1;
  let now = 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    now += (state / 2 ** 32 - 0.25) * 8000;
    return now;
  };
}
