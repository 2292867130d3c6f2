import { fields, filePath, signature, text, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { inNode } from "../in-node.js";
import type { ImageDataset } from "./dataset.js";
import { broken, IDX_ARRAY, type IdxArray } from "./idx.js";
import type { StreamedDataset } from "./streamed/streamed-dataset.js";

interface PairOptions {
  readonly images: string;
  readonly labels: string;
  readonly name: string;
  readonly classes: number;
}

const checkRead = signature("readIdx", { path: filePath });
const checkWrite = signature("writeIdx", { path: filePath, array: IDX_ARRAY });
const PAIR = fields<PairOptions>(
  { images: filePath, labels: filePath, name: text(), classes: whole(1, 256) },
  { root: "options" },
);
const checkPair = signature("readImagesAndLabels", { options: PAIR });
const checkStream = signature("streamImagesAndLabels", { options: PAIR });

/**
 * Reads an IDX file, gzipped or plain (detected by its first bytes, not by its name). Unpacking stops at the first byte
 * after the size in the header, and no more memory is allocated than a file of this size can fill.
 * @throws SpikevineError naming the file: missing, not IDX, cut off, too long, corrupt
 */
export async function readIdx(path: string): Promise<IdxArray> {
  checkRead([path]);
  const { readIdxFile } = await inNode("readIdx", () => import("./files/idx-stream.js"));
  return readIdxFile(path);
}

/** Writes an IDX file, gzipped when the path ends in `.gz`. Throws SpikevineError when it cannot be written. */
export async function writeIdx(path: string, array: IdxArray): Promise<void> {
  checkWrite([path, array]);
  const { writeIdxFile } = await inNode("writeIdx", () => import("./files/idx-stream.js"));
  await writeIdxFile(path, array);
}

/** Reads images (`[count, height, width]`). Throws SpikevineError when the file is broken or holds something else. */
export async function readImages(path: string): Promise<IdxArray> {
  const array = await readIdx(path);
  if (array.shape.length === 3) return array;
  const what = array.shape.length === 1 ? "labels" : `${array.shape.length} dimensions`;
  throw broken(path, `holds ${what}, not images (count x height x width)`, "give the file of the images");
}

/** Reads labels (`[count]`). Throws SpikevineError when the file is broken or holds something else. */
export async function readLabels(path: string): Promise<Uint8Array> {
  const array = await readIdx(path);
  if (array.shape.length === 1) return array.data;
  const what = array.shape.length === 3 ? "images" : `${array.shape.length} dimensions`;
  throw broken(path, `holds ${what}, not labels (count)`, "give the file of the labels");
}

/**
 * Images and their labels as a data set whose samples are read when a batch needs them, for files larger than memory. The files must
 * not be gzipped.
 * @throws SpikevineError when either file is broken or the counts differ; a label is checked when it is read
 */
export async function streamImagesAndLabels(options: PairOptions): Promise<StreamedDataset> {
  checkStream([options]);
  const { streamIdxFiles } = await inNode("streamImagesAndLabels", () => import("./files/idx-records.js"));
  return streamIdxFiles(options);
}

/**
 * Reads images and their labels as one data set.
 * @throws SpikevineError when either file is broken, the counts differ, or a label is not from 0 to `classes` - 1
 */
export async function readImagesAndLabels(options: PairOptions): Promise<ImageDataset> {
  checkPair([options]);
  const images = await readImages(options.images);
  const labels = await readLabels(options.labels);
  const [count, height, width] = images.shape as [number, number, number];
  if (count !== labels.length) {
    throw new SpikevineError(
      `data: "${options.images}" has ${count} images but "${options.labels}" has ${labels.length} labels; give two files that belong together.`,
    );
  }
  const wrong = labels.findIndex((label) => label >= options.classes);
  if (wrong >= 0) {
    throw broken(
      options.labels,
      `has the label ${labels[wrong]} at sample ${wrong}`,
      `labels go from 0 to ${options.classes - 1}`,
    );
  }
  return {
    name: options.name,
    images: images.data,
    labels,
    count,
    pixels: height * width,
    classes: options.classes,
    shape: [height, width],
  };
}
