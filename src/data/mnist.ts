import { choice, fields, filePath, named, optional, record, signature, text } from "../arguments/index.js";
import { inNode } from "../in-node.js";
import { CATALOGUE, type CatalogueEntry, type MnistName } from "./catalogue.js";
import type { ImageDataset } from "./dataset.js";
import { DOWNLOAD_OPTIONS, type DownloadOptions } from "./download-options.js";

export interface MnistOptions extends DownloadOptions {
  readonly name: MnistName;
  /** A folder with the four files, or with a folder `mnist` (`fashion-mnist`) that has them. No other place is searched. */
  readonly dataDir?: string | undefined;
  /** The environment: `SPIKEVINE_DATA` (searched like `dataDir`), `XDG_CACHE_HOME`. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folder for downloads. Default `$XDG_CACHE_HOME/spikevine` or `~/.cache/spikevine`. */
  readonly cacheDir?: string | undefined;
  /** Mirrors, sizes and checksums in place of the published ones. */
  readonly catalogue?: CatalogueEntry | undefined;
}

/** Kinds of the options for the locations of the files. */
export const PLACES = {
  env: optional(named(optional(text()), "an environment such as process.env")),
  cacheDir: optional(filePath),
  dataDir: optional(filePath),
};

const check = signature("loadMnist", {
  options: fields<MnistOptions>(
    {
      ...DOWNLOAD_OPTIONS,
      ...PLACES,
      name: choice(Object.keys(CATALOGUE)),
      catalogue: optional(record("a catalogue, { classes, mirrors, files }")),
    },
    { root: "options" },
  ),
});

/**
 * Loads MNIST or Fashion-MNIST (bytes, `[count, 784]`): from `dataDir` if given; otherwise from `SPIKEVINE_DATA`, the cache or
 * the network, the first of these that has it.
 *
 * Files in a user's own folder only have to be valid IDX files that fit together. Files in the cache that
 * have the official names must have the official SHA-256.
 * @throws SpikevineError when a file is missing, broken, or of another data set than its name, or if the download failed
 */
export async function loadMnist(options: MnistOptions): Promise<{ train: ImageDataset; test: ImageDataset }> {
  check([options]);
  const { loadMnistFiles } = await inNode("loadMnist", () => import("./files/mnist-loader.js"));
  return loadMnistFiles(options);
}
