import { fstatSync, readSync } from "node:fs";
import { filePath, list, optional, record, signature } from "../../arguments/index.js";
import { writeAtomically } from "../atomic-file.js";
import { cannot } from "../file-problem.js";
import { FILES, type FileSystem, systemFiles } from "../file-system.js";
import { readFileText } from "../read-file.js";
import { type Metrics, type MetricsRecord, parseMetrics } from "./metrics.js";

export interface MetricsWriter {
  /** Appends one line. The system has the line before this returns, so a crash of the program loses none. */
  write(record: MetricsRecord): void;
  /** Forces the file to the disk and closes it. */
  close(): void;
}

const checkOpen = signature("openMetrics", { path: filePath, files: optional(FILES) });

/**
 * Opens a metrics file to append to it; its content stays. A torn last line (of an interrupted run) is removed, so that
 * the next record starts on a new line.
 * @throws SpikevineError if the file cannot be opened or written
 */
export function openMetrics(path: string, files: FileSystem = systemFiles): MetricsWriter {
  checkOpen([path, files]);
  const fix = "check that its folder exists and can be written to";
  let file: number;
  try {
    file = files.openSync(path, "a+");
    removeTornLine(file, files);
  } catch (error) {
    throw cannot("write", path, error, fix);
  }
  return {
    write(record) {
      try {
        writeWhole(file, Buffer.from(`${JSON.stringify(record)}\n`), files);
      } catch (error) {
        throw cannot("write", path, error, fix);
      }
    },
    close() {
      try {
        files.fsyncSync(file);
      } catch (error) {
        throw cannot("write", path, error, fix);
      } finally {
        files.closeSync(file);
      }
    },
  };
}

/** The system may write fewer bytes than given. */
function writeWhole(file: number, bytes: Uint8Array, files: FileSystem): void {
  for (let at = 0; at < bytes.length; ) at += files.writeSync(file, bytes, at);
}

function removeTornLine(file: number, files: FileSystem): void {
  const block = Buffer.alloc(4096);
  let end = fstatSync(file).size;
  while (end > 0) {
    const from = Math.max(0, end - block.length);
    const read = readSync(file, block, 0, end - from, from);
    const newline = block.subarray(0, read).lastIndexOf(0x0a);
    if (newline >= 0) {
      end = from + newline + 1;
      break;
    }
    end = from;
  }
  files.ftruncateSync(file, end);
}

const checkWrite = signature("writeMetrics", {
  path: filePath,
  records: list(record("an object with the fields of a line")),
  files: optional(FILES),
});

/**
 * Replaces the content of a metrics file: a run that resumes from a checkpoint drops later records.
 * @throws SpikevineError if the file cannot be written
 */
export async function writeMetrics(path: string, records: readonly MetricsRecord[], files?: FileSystem): Promise<void> {
  checkWrite([path, records, files]);
  await writeAtomically(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""), files);
}

const checkRead = signature("readMetrics", { path: filePath });

/**
 * Reads a metrics file.
 * @throws SpikevineError if it is missing or a line in the middle of it is broken.
 */
export async function readMetrics(path: string): Promise<Metrics> {
  checkRead([path]);
  return parseMetrics(await readFileText(path, { fix: "check the path" }), path);
}
