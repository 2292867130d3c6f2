import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../../io/file-problem.js";
import { type ArchiveEntry, CIFAR10 } from "../catalogue.js";
import { type Cifar10Options, joinRecords } from "../cifar10.js";
import type { ImageDataset } from "../dataset.js";
import { broken } from "../idx.js";
import { defaultCache, fromAnyMirror, notOnThisMachine, verifyFile } from "./cache.js";
import { checkInside } from "./inside.js";
import { tarFiles } from "./tar.js";
import { readUnpacked, readUnpackedBytes } from "./unpacked.js";

const NAME = "cifar-10";
/** Parts of the two splits, in an archive and in a folder. */
const PARTS = { train: /^(data_batch_\w+\.bin)(?:\.gz)?$/, test: /^(test_batch\w*\.bin)(?:\.gz)?$/ } as const;
/** Most bytes of a part: ten times those of a published one. */
const LARGEST = 2 ** 28;
const FIX = `put data_batch_*.bin and test_batch.bin (gzipped or not), or ${CIFAR10.archive.file}, into it`;

interface Splits {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/** `loadCifar10` without its check of the options. */
export async function loadCifar10Files(options: Cifar10Options): Promise<Splits> {
  const entry = options.catalogue ?? CIFAR10;
  if (options.dataDir !== undefined) {
    const found = await readFolder(options.dataDir, entry);
    if (found !== undefined) return found;
    throw new SpikevineError(`${NAME}: "${options.dataDir}" does not have its files; ${FIX}.`);
  }
  const env = options.env ?? process.env;
  const tried: string[] = [];
  const own = env.SPIKEVINE_DATA;
  if (own !== undefined && own !== "") {
    const found = await readFolder(own, entry);
    if (found !== undefined) return found;
    tried.push(`SPIKEVINE_DATA=${own}: does not have its files`);
  } else {
    tried.push("SPIKEVINE_DATA: not set");
  }
  const folder = join(options.cacheDir ?? defaultCache(env), NAME);
  const archive = join(folder, entry.archive.file);
  if (existsSync(archive)) {
    await verifyFile(archive, entry.archive);
  } else {
    tried.push(`${archive}: there is no such file`);
    if ((await fromAnyMirror(entry.mirrors, archive, entry.archive, tried, options)) === undefined) {
      throw notOnThisMachine(NAME, folder, `this file into a folder: ${entry.archive.file}`, tried);
    }
  }
  return readArchive(archive);
}

/** The data of a folder or of one of the usual folders in it; undefined if none has them. */
async function readFolder(folder: string, entry: ArchiveEntry): Promise<Splits | undefined> {
  const inner = "cifar-10-batches-bin";
  for (const candidate of [".", NAME, inner, join(NAME, inner)].map((path) => join(folder, path))) {
    const parts = await findParts(candidate);
    if (parts !== undefined) return { train: await readParts(parts.train), test: await readParts(parts.test) };
    const archive = join(candidate, entry.archive.file);
    if (existsSync(archive)) return readArchive(archive);
  }
  return undefined;
}

/** Whether a folder has parts of both splits of CIFAR-10, or the archive. */
export const hasCifar10 = async (folder: string): Promise<boolean> =>
  existsSync(join(folder, CIFAR10.archive.file)) || (await findParts(folder)) !== undefined;

/** Paths of the parts of both splits in this very folder; undefined if a split has none. */
async function findParts(folder: string): Promise<{ train: string[]; test: string[] } | undefined> {
  if (!existsSync(folder)) return undefined;
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw cannot("read", folder, error, "give a folder");
  }
  const [train, test] = [chooseParts(names, PARTS.train), chooseParts(names, PARTS.test)];
  if (train.length === 0 || test.length === 0) return undefined;
  for (const name of [...train, ...test]) await checkInside(folder, join(folder, name));
  return { train: train.map((name) => join(folder, name)), test: test.map((name) => join(folder, name)) };
}

/** Names of the parts of a split, sorted by their numbers. Of a part that is there gzipped and unpacked, the unpacked one. */
function chooseParts(names: readonly string[], pattern: RegExp): string[] {
  const chosen = new Map<string, string>();
  for (const name of [...names].sort()) {
    const part = pattern.exec(name)?.[1];
    if (part !== undefined && !chosen.has(part)) chosen.set(part, name);
  }
  return [...chosen.values()].sort(byNumber);
}

const byNumber = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

async function readParts(paths: readonly string[]): Promise<ImageDataset> {
  const parts: { file: Uint8Array; name: string }[] = [];
  for (const name of paths) {
    parts.push({ file: await readUnpackedBytes(name, "give the path of a file of CIFAR-10", LARGEST), name });
  }
  return joinRecords(parts, NAME);
}

async function readArchive(archive: string): Promise<Splits> {
  const splits = { train: new Map<string, Uint8Array>(), test: new Map<string, Uint8Array>() };
  const partOf = (path: string): [keyof typeof splits, string] | undefined => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    for (const split of ["train", "test"] as const) if (PARTS[split].test(name)) return [split, name];
    return undefined;
  };
  await readUnpacked(archive, `give the path of ${CIFAR10.archive.file}`, async (chunks) => {
    for await (const { path, bytes } of tarFiles(chunks, archive, (path) => partOf(path) !== undefined, LARGEST)) {
      const [split, name] = partOf(path)!;
      if (splits[split].has(name)) throw broken(archive, `has two files "${name}"`, "download it again");
      splits[split].set(name, bytes);
    }
  });
  const joined = (split: keyof typeof splits): ImageDataset => {
    const names = [...splits[split].keys()].sort(byNumber);
    if (names.length === 0) throw broken(archive, `has no file of the ${split} images`, "download it again");
    return joinRecords(
      names.map((name) => ({ file: splits[split].get(name)!, name: `${archive}: ${name}` })),
      NAME,
    );
  };
  return { train: joined("train"), test: joined("test") };
}
