import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../../io/file-problem.js";
import type { CatalogueFile } from "../catalogue.js";
import type { DownloadOptions } from "../download-options.js";
import { download, MirrorFailure } from "./download.js";

/** Downloaded files of all data sets: their folder, their checksums, and the search for a mirror that delivers them. */

/** Folder of the data sets: `$XDG_CACHE_HOME/spikevine` or `~/.cache/spikevine`. */
export function defaultCache(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG specification says to ignore a relative path.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache"), "spikevine");
}

/** @throws SpikevineError if a file of the cache has another SHA-256 than the published one. */
export async function verifyFile(path: string, { sha256 }: CatalogueFile): Promise<void> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  } catch (error) {
    throw cannot("read", path, error, "check the file");
  }
  if (hash.digest("hex") === sha256) return;
  throw new SpikevineError(
    `data: "${path}" is damaged: its SHA-256 is not the published one; delete it, and it will be downloaded again.`,
  );
}

/** Returns the mirror that delivered the file, or undefined when none did; the reasons are added to `tried`. */
export async function fromAnyMirror(
  mirrors: readonly string[],
  path: string,
  file: CatalogueFile,
  tried: string[],
  options: DownloadOptions,
): Promise<string | undefined> {
  for (const mirror of mirrors) {
    try {
      await download(mirror + file.file, path, file, options);
      return mirror;
    } catch (error) {
      if (!(error instanceof MirrorFailure)) throw error;
      tried.push(`${mirror}${file.file}: ${error.message}`);
    }
  }
  return undefined;
}

/**
 * The error of data that are nowhere.
 * @param wanted the files that a person can give, as they follow "put", e.g. `these four files (gzipped or not) into a folder: ...`
 */
export function notOnThisMachine(
  name: string,
  folder: string,
  wanted: string,
  tried: readonly string[],
): SpikevineError {
  return new SpikevineError(
    [
      `${name}: the data is not on this machine and could not be downloaded.`,
      ...tried.map((line) => `  ${line}`),
      `Without a network, put ${wanted}.`,
      `Then give that folder with --data-dir or in SPIKEVINE_DATA, or copy the files to "${folder}".`,
      "Or train on the built-in digits, which need no files: --data digits.",
    ].join("\n"),
  );
}
