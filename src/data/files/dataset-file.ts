import { stat } from "node:fs/promises";
import { SpikevineError } from "../../errors.js";
import { openNpz } from "../../io/formats/npz-reader.js";
import { parseSafetensors } from "../../io/formats/safetensors.js";
import { readFileBytes } from "../../io/read-file.js";
import type { ImageDataset } from "../dataset.js";
import { type FormatOptions, formatOf, parseDataset, unpack } from "../formats/parse-dataset.js";
import { readPictureFolder } from "./picture-folder.js";

/** Largest file of samples: 4 GiB, which are in memory at once. */
const LARGEST = 2 ** 32;

const read = (path: string): Promise<Uint8Array> =>
  readFileBytes(path, { fix: "give the path of a file of samples", largest: LARGEST });

/** Whether a file has the arrays `x_train`, `y_train`, `x_test` and `y_test`, as Keras stores data sets. */
export async function hasTrainAndTest(path: string): Promise<boolean> {
  const file = await unpack(await read(path), path);
  const format = formatOf(file, path);
  if (format !== "NPZ" && format !== "safetensors") return false;
  const names = format === "NPZ" ? openNpz(file, path).names : [...parseSafetensors(file, path).tensors.keys()];
  return ["x_train", "y_train", "x_test", "y_test"].every((name) => names.includes(name));
}

/** Whether the labels of a file's samples are in another file. */
export async function hasLabelFile(path: string): Promise<boolean> {
  if (await isFolder(path)) return false;
  return isWithoutLabels(await unpack(await read(path), path), path);
}

const isWithoutLabels = (file: Uint8Array, path: string): boolean => ["NPY", "IDX"].includes(formatOf(file, path));

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** `readDataset` without its check of the arguments. */
export async function readDatasetFile(path: string, options: FormatOptions): Promise<ImageDataset> {
  if (await isFolder(path)) return readPictureFolder(path, options);
  const file = await unpack(await read(path), path);
  if (!isWithoutLabels(file, path)) return parseDataset(file, path, options);
  if (options.labels === undefined) {
    throw new SpikevineError(
      `data: "${path}" has no labels; give labels (--labels), the path of the file that has them.`,
    );
  }
  return parseDataset(file, path, { ...options, labelFile: await read(options.labels) });
}
