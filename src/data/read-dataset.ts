import { fields, filePath, optional, signature } from "../arguments/index.js";
import { inNode } from "../in-node.js";
import type { ImageDataset } from "./dataset.js";
import { FORMAT_OPTIONS, type FormatOptions } from "./formats/parse-dataset.js";

const check = signature("readDataset", {
  path: filePath,
  options: optional(fields<FormatOptions>(FORMAT_OPTIONS, { root: "options" })),
});

/**
 * Reads a labelled data set from a file of any format that `parseDataset` reads, or from a folder of pictures (PNG, JPEG) with one folder per
 * class. Pictures are bytes of the shape `[height, width]` or `[3, height, width]`, in the order of their classes and names; links that lead out of
 * the folder are refused.
 * @throws SpikevineError naming the file and the problem
 */
export async function readDataset(path: string, options: FormatOptions = {}): Promise<ImageDataset> {
  check([path, options]);
  const { readDatasetFile } = await inNode("readDataset", () => import("./files/dataset-file.js"));
  return readDatasetFile(path, options);
}
