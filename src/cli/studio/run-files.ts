import { open, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/** Files of a run or a sweep that the page reads. */
export const RUN_FILES = ["config.json", "metrics.ndjson", "points.csv", "settings.csv"] as const;

/** A folder with such files. */
export interface ListedRun {
  readonly name: string;
  /** Time of the latest change of one of the files, ms since 1970. */
  readonly modified: number;
  /** Size of every file that is there. */
  readonly files: Readonly<Record<string, number>>;
}

/** The runs in a folder, the latest first; none if the folder does not exist yet. */
export async function listRuns(root: string): Promise<ListedRun[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const runs = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => listedRun(root, name)),
  );
  return runs
    .filter(({ files }) => Object.keys(files).length > 0)
    .sort((a, b) => b.modified - a.modified || a.name.localeCompare(b.name));
}

async function listedRun(root: string, name: string): Promise<ListedRun> {
  const files: Record<string, number> = {};
  let modified = 0;
  for (const file of RUN_FILES) {
    const found = await stat(join(root, name, file)).catch(() => undefined);
    if (!found?.isFile()) continue;
    files[file] = found.size;
    modified = Math.max(modified, found.mtimeMs);
  }
  return { name, modified, files };
}

/**
 * Reads a file of a run from a byte on. The name of the run must be that of a folder in the root, and the file one of
 * `RUN_FILES`. Links that lead out of the root are refused.
 * @returns undefined if there is no such file
 */
export async function readRunFile(root: string, run: string, file: string, from = 0): Promise<Buffer | undefined> {
  if (!(RUN_FILES as readonly string[]).includes(file)) return undefined;
  try {
    const entries = await readdir(root, { withFileTypes: true });
    if (!entries.some((entry) => entry.isDirectory() && entry.name === run)) return undefined;
    const path = await realpath(join(root, run, file));
    if (!path.startsWith((await realpath(root)) + sep)) return undefined;
    const handle = await open(path, "r");
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.max(0, size - from));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
