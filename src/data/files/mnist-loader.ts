import { existsSync } from "node:fs";
import { join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { CATALOGUE, type CatalogueEntry, type MnistName } from "../catalogue.js";
import type { ImageDataset } from "../dataset.js";
import type { DownloadOptions } from "../download-options.js";
import { readImagesAndLabels } from "../idx-file.js";
import type { MnistOptions } from "../mnist.js";
import { defaultCache, fromAnyMirror, notOnThisMachine, verifyFile } from "./cache.js";
import { fileNames, findFiles, findIn, notThere, type Paths, ROLES } from "./mnist-files.js";

/** `loadMnist` without its check of the options. */
export async function loadMnistFiles(options: MnistOptions): Promise<{ train: ImageDataset; test: ImageDataset }> {
  const { name } = options;
  const entry = options.catalogue ?? CATALOGUE[name];
  if (options.dataDir !== undefined) {
    const paths = findFiles(options.dataDir, name);
    if (paths !== undefined) return readSplits(paths, name, entry);
    throw notThere(options.dataDir, name, entry);
  }
  const env = options.env ?? process.env;
  const tried: string[] = [];
  const own = env.SPIKEVINE_DATA;
  if (own !== undefined && own !== "") {
    const paths = findFiles(own, name);
    if (paths !== undefined) return readSplits(paths, name, entry);
    tried.push(`SPIKEVINE_DATA=${own}: does not hold the four files`);
  } else {
    tried.push("SPIKEVINE_DATA: not set");
  }
  const folder = join(options.cacheDir ?? defaultCache(env), name);
  const cached = findIn(folder);
  if (cached === undefined) {
    tried.push(`${folder}: does not hold the four files`);
    await fillCache(folder, name, entry, tried, options);
  } else {
    await verify(cached, entry);
  }
  return readSplits(findIn(folder) ?? missing(folder), name, entry);
}

async function readSplits(paths: Paths, name: string, entry: CatalogueEntry) {
  const shared = { name, classes: entry.classes };
  const train = await readImagesAndLabels({ images: paths.trainImages, labels: paths.trainLabels, ...shared });
  const test = await readImagesAndLabels({ images: paths.testImages, labels: paths.testLabels, ...shared });
  if (train.pixels !== test.pixels) {
    throw new SpikevineError(
      `data: "${paths.trainImages}" has ${train.pixels} pixels per sample but "${paths.testImages}" has ${test.pixels}; give files of one data set.`,
    );
  }
  return { train, test };
}

/** Checks the files of the cache that bear official names. */
async function verify(paths: Paths, entry: CatalogueEntry): Promise<void> {
  for (const role of ROLES) {
    const path = paths[role];
    if (!path.endsWith(entry.files[role].file)) continue;
    await verifyFile(path, entry.files[role]);
  }
}

async function fillCache(
  folder: string,
  name: MnistName,
  entry: CatalogueEntry,
  tried: string[],
  options: DownloadOptions,
): Promise<void> {
  let mirrors = entry.mirrors;
  for (const role of ROLES) {
    const file = entry.files[role];
    if (existsSync(join(folder, file.file))) continue;
    const mirror = await fromAnyMirror(mirrors, join(folder, file.file), file, tried, options);
    if (mirror === undefined) {
      const wanted = `these four files (gzipped or not) into a folder: ${fileNames(entry)}`;
      throw notOnThisMachine(name, folder, wanted, tried);
    }
    // The next file starts with the mirror that worked.
    mirrors = [mirror, ...mirrors.filter((other) => other !== mirror)];
  }
  const paths = findIn(folder);
  if (paths !== undefined) await verify(paths, entry);
}

function missing(folder: string): never {
  throw new SpikevineError(`data: the files in "${folder}" disappeared while they were read; try again.`);
}
