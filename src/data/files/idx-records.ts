import { type FileHandle, open, stat } from "node:fs/promises";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../../io/file-problem.js";
import { dataset } from "../dataset.js";
import { broken, idxHeaderBytes, parseIdxHeader, trailing, truncated } from "../idx.js";
import { type StreamedDataset, streamedDataset } from "../streamed/streamed-dataset.js";

/** Largest header: eight dimensions. */
const HEADER = 4 + 4 * 8;

/** An IDX file whose records are read by their index. */
interface IdxRecords {
  readonly path: string;
  readonly shape: readonly number[];
  /** Offset of the first record, and bytes of a record. */
  readonly offset: number;
  readonly recordBytes: number;
}

/** `streamImagesAndLabels` without its check of the options. */
export async function streamIdxFiles(options: {
  readonly images: string;
  readonly labels: string;
  readonly name: string;
  readonly classes: number;
}): Promise<StreamedDataset> {
  const images = await openRecords(options.images, 3, "images (count x height x width)");
  const labels = await openRecords(options.labels, 1, "labels (count)");
  const [count, height, width] = images.shape as [number, number, number];
  if (count !== labels.shape[0]) {
    throw new SpikevineError(
      `data: "${options.images}" has ${count} images but "${options.labels}" has ${labels.shape[0]} labels; give two files that belong together.`,
    );
  }
  const { name, classes } = options;
  const shape = [height, width] as const;
  return streamedDataset({
    name,
    count,
    pixels: height * width,
    classes,
    shape,
    read: async (indices) =>
      dataset({
        name,
        images: await readRecords(images, indices),
        labels: await readRecords(labels, indices),
        classes,
        shape,
      }),
  });
}

/** Reads and checks the header of an IDX file. */
async function openRecords(path: string, rank: number, what: string): Promise<IdxRecords> {
  return withFile(path, async (file) => {
    const { size } = await file.stat();
    const start = new Uint8Array(Math.min(HEADER, size));
    await readAt(file, start, 0, path);
    if (start[0] === 0x1f && start[1] === 0x8b) {
      throw broken(path, "is gzipped, so its records cannot be read one by one", "unpack it");
    }
    const { shape, offset, bytes } = parseIdxHeader(
      start.subarray(0, idxHeaderBytes(start)),
      path,
      Number.MAX_SAFE_INTEGER,
    );
    if (shape.length !== rank) throw broken(path, `has ${shape.length} dimensions`, `give the file of the ${what}`);
    if (size < offset + bytes) throw truncated(path, shape, size - offset, bytes);
    if (size > offset + bytes) throw trailing(path, shape, bytes);
    return { path, shape, offset, recordBytes: bytes / shape[0]! };
  });
}

async function readRecords({ path, offset, recordBytes }: IdxRecords, indices: Uint32Array): Promise<Uint8Array> {
  return withFile(path, async (file) => {
    const records = new Uint8Array(indices.length * recordBytes);
    for (const [i, index] of indices.entries()) {
      const record = records.subarray(i * recordBytes, (i + 1) * recordBytes);
      await readAt(file, record, offset + index * recordBytes, path);
    }
    return records;
  });
}

async function readAt(file: FileHandle, to: Uint8Array, position: number, path: string): Promise<void> {
  let filled = 0;
  while (filled < to.length) {
    const { bytesRead } = await file.read(to, filled, to.length - filled, position + filled);
    if (bytesRead === 0) throw broken(path, "has become shorter while it was read", "do not change it during training");
    filled += bytesRead;
  }
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    // Checked before opening, since opening a pipe waits for a writer.
    if (!(await stat(path)).isFile()) throw broken(path, "is not a file", "give the path of an IDX file");
    file = await open(path, "r");
    return await use(file);
  } catch (error) {
    throw cannot("read", path, error, "check the path");
  } finally {
    await file?.close();
  }
}
