import { bytes, callback, fields, list, number, optional, signature, text, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { DEFLATE_RATIO, inflate } from "../../io/formats/inflate.js";
import { isNpy, parseNpy } from "../../io/formats/npy.js";
import { openNpz } from "../../io/formats/npz-reader.js";
import { parseSafetensors } from "../../io/formats/safetensors.js";
import { isZip } from "../../io/formats/unzip.js";
import type { DataShape } from "../channels-last.js";
import { parseCifar10 } from "../cifar10.js";
import type { ImageDataset } from "../dataset.js";
import { broken, parseIdx } from "../idx.js";
import { SHAPE } from "../pixels.js";
import {
  arrayDataset,
  type FileLabels,
  labelsOf,
  type NumberArray,
  type SampleOptions,
  writtenLabels,
} from "./array-dataset.js";
import { decode, parseCsvTable } from "./csv-table.js";

/** What a file does not say about its samples. */
export interface FormatOptions {
  /** Name of the array of samples in an .npz or .safetensors file. Default: the only one beside the labels. */
  readonly images?: string | undefined;
  /**
   * The labels: the column of a CSV file (its name, or its number from 1) or the array of an .npz or .safetensors file. For an .npy or
   * IDX file, `readDataset` takes the path of another file.
   */
  readonly labels?: string | undefined;
  /** Shape of an image whose values are a row: `[height, width]` or `[channels, height, width]`. Default: that of the array. */
  readonly shape?: DataShape | undefined;
  /** The value that is read as 1, e.g. 16. Default: 255 for bytes, 1 for other numbers. */
  readonly scale?: number | undefined;
  /** Number of classes. Default: the largest label + 1. */
  readonly classes?: number | undefined;
  /** Names of the classes in the order of their numbers, for labels that are texts. Default: those of the file, sorted. */
  readonly classNames?: readonly string[] | undefined;
  /** Called with one sentence if values are outside the expected range. Default: ignored. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface ParseOptions extends FormatOptions {
  /** Bytes of the file of labels: .npy, IDX, or a CSV file of one column. */
  readonly labelFile?: Uint8Array | undefined;
}

/** Kinds of the options of a format. */
export const FORMAT_OPTIONS = {
  images: optional(text()),
  labels: optional(text()),
  shape: optional(SHAPE),
  scale: optional(number({ above: 0 }, "the value that is read as 1, a number above 0")),
  classes: optional(whole(1, 256)),
  classNames: optional(list(text(), 1)),
  onWarning: optional(callback()),
};

const check = signature("parseDataset", {
  file: bytes,
  name: text(),
  options: optional(fields<ParseOptions>({ ...FORMAT_OPTIONS, labelFile: optional(bytes) }, { root: "options" })),
});

/** Formats of files with samples. */
export type Format = "CSV" | "NPY" | "NPZ" | "IDX" | "safetensors" | "CIFAR-10";

/**
 * Reads a labelled data set from a file in memory: CSV, NPY, NPZ, IDX, safetensors, or a part of CIFAR-10's binary version, gzipped or
 * not. The format is detected by the first bytes, that of CIFAR-10 by the ending `.bin`; text is CSV. Numbers are `[count, values]`,
 * `[count, height, width]`, `[count, channels, height, width]` or `[count, height, width, channels]` (1 to 4 channels).
 * @param name the file's name, for messages and as the name of the data set
 * @throws SpikevineError naming the file and the problem
 */
export async function parseDataset(file: Uint8Array, name: string, options: ParseOptions = {}): Promise<ImageDataset> {
  check([file, name, options]);
  const unpacked = await unpack(file, name);
  const { classes, scale, shape, onWarning } = options;
  const samples: SampleOptions = { name: baseName(name), classes, scale, shape, onWarning };
  const format = formatOf(unpacked, name);
  refuseOptions(name, options, UNUSED[format] ?? []);
  switch (format) {
    case "CSV":
      return csvDataset(unpacked, name, options, samples);
    case "NPY":
      return arrayDataset({ name, ...parseNpy(unpacked, name) }, await labelsFrom(name, options), samples);
    case "IDX":
      return arrayDataset({ name, ...parseIdx(unpacked, name) }, await labelsFrom(name, options), samples);
    case "NPZ": {
      const { names, read } = openNpz(unpacked, name);
      return namedArrays(
        name,
        names,
        async (array) => ({ name: `${name}: ${array}`, ...(await read(array)) }),
        options,
        samples,
      );
    }
    case "safetensors": {
      const { tensors } = parseSafetensors(unpacked, name);
      const read = async (array: string) => ({ name: `${name}: ${array}`, ...tensors.get(array)! });
      return namedArrays(name, [...tensors.keys()], read, options, samples);
    }
    case "CIFAR-10":
      return { ...parseCifar10(unpacked, name), name: samples.name };
  }
}

/** Options that have no meaning for a format. */
const UNUSED: { readonly [F in Format]?: readonly Described[] } = {
  CSV: ["images"],
  NPY: ["images"],
  IDX: ["images"],
  "CIFAR-10": ["images", "labels", "shape", "scale"],
};

type Described = "images" | "labels" | "shape" | "scale";

/** @throws SpikevineError if one of these options is given, which would have no effect */
export function refuseOptions(name: string, options: FormatOptions, unused: readonly Described[]): void {
  const given = unused.find((option) => options[option] !== undefined);
  if (given === undefined) return;
  throw broken(name, `is of a form for which ${given} (--${given}) has no meaning`, "leave it out");
}

/** Bytes of a file, unpacked if they are gzipped. */
export async function unpack(file: Uint8Array, name: string): Promise<Uint8Array> {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return file;
  return inflate(file, "gzip", DEFLATE_RATIO * file.length, (problem) => broken(name, problem, "give another copy"));
}

/**
 * Format of a file.
 * @throws SpikevineError if it is none that is read
 */
export function formatOf(file: Uint8Array, name: string): Format {
  if (file.length === 0) throw broken(name, "is empty", "give a file with samples");
  if (/\.bin(?:\.gz)?$/i.test(name)) return "CIFAR-10";
  if (isNpy(file)) return "NPY";
  if (isZip(file)) return "NPZ";
  if (file[0] === 0 && file[1] === 0 && file[2]! >= 8 && file[2]! <= 14) return "IDX";
  if (/\.safetensors$/i.test(name) || isSafetensors(file)) return "safetensors";
  if (file.subarray(0, 4096).includes(0)) {
    throw broken(name, "has no format that is read", "give CSV, NPY, NPZ, IDX, safetensors, or CIFAR-10's .bin");
  }
  return "CSV";
}

/** Eight bytes with the length of the header, which is JSON. */
const isSafetensors = (file: Uint8Array): boolean =>
  file.length > 9 && file[8] === 0x7b && file[4] === 0 && file[5] === 0 && file[6] === 0 && file[7] === 0;

const baseName = (path: string): string => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);

function csvDataset(file: Uint8Array, name: string, options: ParseOptions, samples: SampleOptions): ImageDataset {
  const { values, rows, columns, labels } = parseCsvTable(file, name, options.labels);
  const answers = writtenLabels(name, labels, options.classNames);
  return arrayDataset({ name, shape: [rows, columns], data: values }, answers, samples);
}

/** Labels in a file of their own. */
async function labelsFrom(name: string, { labelFile, labels, classNames }: ParseOptions): Promise<FileLabels> {
  if (labelFile === undefined) {
    throw new SpikevineError(`data: "${name}" has no labels; give labels (--labels), the file that has them.`);
  }
  const file = labels ?? `the labels of ${name}`;
  const unpacked = await unpack(labelFile, file);
  switch (formatOf(unpacked, file)) {
    case "NPY":
      return labelsOf({ name: file, ...parseNpy(unpacked, file) });
    case "IDX":
      return labelsOf({ name: file, ...parseIdx(unpacked, file) });
    case "CSV":
      return writtenLabels(file, lines(unpacked, file), classNames);
    default:
      throw broken(file, "is no file of labels", "give .npy, IDX, or a text with one label per line");
  }
}

function lines(file: Uint8Array, name: string): string[] {
  const found = decode(file, name)
    .split(/\r?\n/)
    .map((line) => line.trim());
  while (found.at(-1) === "") found.pop();
  const empty = found.indexOf("");
  if (empty >= 0) throw broken(name, `has no label in line ${empty + 1}`, "give every sample a label");
  return found;
}

/** Samples and labels in two arrays of one file. */
async function namedArrays(
  file: string,
  names: readonly string[],
  read: (name: string) => Promise<NumberArray>,
  { images, labels }: ParseOptions,
  samples: SampleOptions,
): Promise<ImageDataset> {
  const known = `${names.length === 0 ? "no arrays" : `the arrays ${names.slice(0, 20).join(", ")}`}`;
  const one = (field: string, name: string | undefined): string => {
    if (name !== undefined && names.includes(name)) return name;
    const what = name === undefined ? `has ${known}` : `has no array "${name}", but ${known}`;
    throw new SpikevineError(`data: "${file}" ${what}; give ${field} (--${field}), the name of one.`);
  };
  const answers = one("labels", labels);
  const others = names.filter((name) => name !== answers);
  const chosen = one("images", images ?? (others.length === 1 ? others[0] : undefined));
  return arrayDataset(await read(chosen), labelsOf(await read(answers)), samples);
}
