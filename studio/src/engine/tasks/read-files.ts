import { SpikevineError } from "spikevine";
import { dataset, type ImageDataset, parseDataset, shuffleSamples, splitSamples } from "spikevine/data";
import type { Samples } from "../datasets.js";

/** A file that was dropped in, with its path inside the dropped folder. */
export interface GivenFile {
  readonly path: string;
  readonly bytes: ArrayBuffer;
}

export interface GivenFiles {
  readonly files: readonly GivenFile[];
  /** Column or array of the labels in a CSV, NPZ or safetensors file. */
  readonly labels: string;
}

/** Share of the samples that are kept for the test if the files have no test samples of their own. */
const TEST_SHARE = 0.2;

/** Reads samples: the files of MNIST, one file of samples with labels, or pictures in a folder per class. */
export async function readFiles({ files, labels }: GivenFiles): Promise<Samples> {
  const pictures = files.filter(({ path }) => /\.(png|jpe?g|webp|gif|bmp)$/i.test(path));
  if (pictures.length > 0) return split(await pictureDataset(pictures));
  const images = files.filter(({ path }) => /images/i.test(path));
  const train = images.find(({ path }) => !isTest(path));
  if (train !== undefined && files.some(({ path }) => /labels/i.test(path))) {
    const test = images.find(({ path }) => isTest(path));
    const data = await withLabels(train, files);
    return test === undefined ? split(data) : { train: data, test: await withLabels(test, files) };
  }
  const [file, second] = files;
  if (file === undefined) throw new SpikevineError("data: no file was given; choose files with samples.");
  if (second !== undefined) {
    throw new SpikevineError(
      `data: ${files.length} files were given; give the images and labels of MNIST, one CSV or NPZ file, or folders of pictures.`,
    );
  }
  const options = labels === "" ? {} : { labels };
  return split(await parseDataset(new Uint8Array(file.bytes), file.path, options));
}

const isTest = (path: string): boolean => /t10k|test/i.test(path);
const split = (data: ImageDataset): Samples => splitSamples(shuffleSamples(data, { seed: 1 }), { share: TEST_SHARE });

function withLabels(images: GivenFile, files: readonly GivenFile[]): Promise<ImageDataset> {
  const labels = files.find(({ path }) => /labels/i.test(path) && isTest(path) === isTest(images.path));
  if (labels === undefined) {
    throw new SpikevineError(`data: "${images.path}" has no file of labels; give the file whose name has "labels".`);
  }
  return parseDataset(new Uint8Array(images.bytes), images.path, { labelFile: new Uint8Array(labels.bytes) });
}

/** Pictures as grey values; the folder of a picture is its class. */
async function pictureDataset(pictures: readonly GivenFile[]): Promise<ImageDataset> {
  const classOf = ({ path }: GivenFile): string => path.split("/").at(-2) ?? "";
  const classNames = [...new Set(pictures.map(classOf))].sort();
  if (classNames.length < 2) {
    throw new SpikevineError("data: the pictures are in one folder; give a folder that has one folder per class.");
  }
  const decoded = await Promise.all(pictures.map(({ bytes }) => createImageBitmap(new Blob([bytes]))));
  const { width, height } = decoded[0]!;
  const images = new Uint8Array(pictures.length * width * height);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  decoded.forEach((picture, sample) => {
    if (picture.width !== width || picture.height !== height) {
      const sizes = `${picture.width} x ${picture.height} pixels, and the first has ${width} x ${height}`;
      throw new SpikevineError(`data: "${pictures[sample]!.path}" has ${sizes}; give pictures of one size.`);
    }
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    for (let i = 0; i < width * height; i++) {
      // Luma of ITU-R BT.601.
      const grey = 0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!;
      images[sample * width * height + i] = Math.round(grey);
    }
  });
  const labels = pictures.map((picture) => classNames.indexOf(classOf(picture)));
  return { ...dataset({ name: "pictures", images, labels, shape: [height, width] }), classNames };
}
