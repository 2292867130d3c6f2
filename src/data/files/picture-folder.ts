import { SpikevineError } from "../../errors.js";
import { readFileBytes } from "../../io/read-file.js";
import { dataset, type ImageDataset } from "../dataset.js";
import { decodeJpeg, isJpeg } from "../formats/jpeg.js";
import { type FormatOptions, refuseOptions } from "../formats/parse-dataset.js";
import type { Picture } from "../formats/picture.js";
import { decodePng } from "../formats/png.js";
import { broken } from "../idx.js";
import { filesOfClass, readClassFolders } from "./class-folders.js";

/** Largest file of a picture, in bytes. */
const LARGEST = 2 ** 26;
const PICTURE = /\.(?:png|jpe?g)$/i;
const FIX = "give a folder with one folder of pictures (PNG, JPEG) for each class";

/**
 * Pictures of a folder that has one folder per class, in the order of the classes and of the files' names. All pictures have the same size;
 * if one has colours, the grey ones get three equal channels.
 */
export async function readPictureFolder(folder: string, options: FormatOptions): Promise<ImageDataset> {
  refuseOptions(folder, options, ["images", "labels", "shape"]);
  const found = await readClassFolders(folder, FIX);
  const classNames = options.classNames ?? found;
  const pictures: { readonly picture: Picture; readonly path: string; readonly label: number }[] = [];
  for (const name of found) {
    const label = classNames.indexOf(name);
    if (label < 0)
      throw broken(folder, `has the class "${name}"`, `the classes are ${classNames.slice(0, 10).join(", ")}`);
    for (const path of await filesOfClass(folder, name, PICTURE, FIX)) {
      const file = await readFileBytes(path, { fix: FIX, largest: LARGEST });
      // By their first bytes: an ending may be wrong.
      const picture = isJpeg(file) ? await decodeJpeg(file, path) : await decodePng(file, path);
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
