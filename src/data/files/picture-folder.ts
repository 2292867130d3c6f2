import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../../io/file-problem.js";
import { readFileBytes } from "../../io/read-file.js";
import { dataset, type ImageDataset } from "../dataset.js";
import { type FormatOptions, refuseOptions } from "../formats/parse-dataset.js";
import type { Picture } from "../formats/picture.js";
import { decodePng } from "../formats/png.js";
import { broken } from "../idx.js";
import { checkInside } from "./inside.js";

/** Largest file of a picture, in bytes. */
const LARGEST = 2 ** 26;
const PICTURE = /\.png$/i;
const FIX = "give a folder with one folder of pictures (PNG) for each class";

/**
 * Pictures of a folder that has one folder per class, in the order of the classes and of the files' names. All pictures have the same size;
 * if one has colours, the grey ones get three equal channels.
 */
export async function readPictureFolder(folder: string, options: FormatOptions): Promise<ImageDataset> {
  refuseOptions(folder, options, ["images", "labels", "shape"]);
  const found = await classFolders(folder);
  const classNames = options.classNames ?? found;
  const pictures: { readonly picture: Picture; readonly path: string; readonly label: number }[] = [];
  for (const name of found) {
    const label = classNames.indexOf(name);
    if (label < 0)
      throw broken(folder, `has the class "${name}"`, `the classes are ${classNames.slice(0, 10).join(", ")}`);
    for (const path of await picturesOf(folder, name)) {
      const picture = await decodePng(await readFileBytes(path, { fix: FIX, largest: LARGEST }), path);
      const first = pictures[0];
      if (first !== undefined && (picture.width !== first.picture.width || picture.height !== first.picture.height)) {
        throw new SpikevineError(
          `data: "${first.path}" has ${sizeOf(first.picture)} pixels but "${path}" has ${sizeOf(picture)}; give pictures of one size.`,
        );
      }
      pictures.push({ picture, path, label });
    }
  }
  if (pictures.length === 0) throw broken(folder, "has no pictures", FIX);
  const { width, height } = pictures[0]!.picture;
  const channels = pictures.some(({ picture }) => picture.channels === 3) ? 3 : 1;
  const pixels = channels * width * height;
  const images = new Uint8Array(pictures.length * pixels);
  pictures.forEach(({ picture }, i) => {
    for (let channel = 0; channel < channels; channel++) {
      const to = images.subarray(i * pixels + channel * width * height, i * pixels + (channel + 1) * width * height);
      const from = picture.channels === 1 ? 0 : channel;
      for (let p = 0; p < to.length; p++) to[p] = picture.data[p * picture.channels + from]!;
    }
  });
  const shape = channels === 1 ? ([height, width] as const) : ([channels, height, width] as const);
  const { scale, onWarning } = options;
  const data = dataset({
    name: folder.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, ""),
    images,
    labels: pictures.map(({ label }) => label),
    classes: classNames.length,
    shape,
    ...(scale === undefined ? {} : { scale }),
    ...(onWarning === undefined ? {} : { onWarning }),
  });
  return { ...data, classNames };
}

const sizeOf = ({ width, height }: Picture): string => `${width} x ${height}`;

/** Names of the folders in a folder, sorted; hidden ones are left out. */
export async function classFolders(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await list(folder)) {
    if (entry.name.startsWith(".")) continue;
    if (entry.isSymbolicLink()) await checkInside(folder, join(folder, entry.name));
    if (entry.isDirectory() || entry.isSymbolicLink()) names.push(entry.name);
  }
  if (names.length > 256) throw broken(folder, `has ${names.length} folders of classes`, "give 256 classes at most");
  return names.sort();
}

async function picturesOf(folder: string, name: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await list(join(folder, name))) {
    if (entry.name.startsWith(".") || !PICTURE.test(entry.name)) continue;
    const path = join(folder, name, entry.name);
    if (entry.isSymbolicLink()) await checkInside(folder, path);
    paths.push(path);
  }
  return paths.sort();
}

async function list(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw cannot("read", folder, error, FIX);
  }
}
