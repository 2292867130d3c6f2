import { closeSync, openSync, writeSync } from "node:fs";
import { filePath, kind, list, signature, tagOf, text, whole } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { cannot } from "../file-problem.js";
import { quoted } from "./csv.js";
import { NOT_CLOSED } from "./npy.js";

/**
 * A file that grows by rows of numbers while a simulation runs. It can be read at any time, with the rows written so
 * far.
 */
export interface RowFile {
  readonly path: string;
  /** Rows written so far. */
  readonly rows: number;
  /**
   * Writes `values`, whole rows one after the other.
   * @throws SpikevineError if the file cannot be written.
   */
  write(values: Float64Array): void;
  close(): void;
}

const checkNpy = signature("npyRowWriter", { path: filePath, columns: whole(1) });
const checkCsv = signature("csvRowWriter", { path: filePath, names: list(text(), 1) });
const checkRows = signature("write", {
  values: kind("a Float64Array", (value) => tagOf(value) === "Float64Array"),
});

/**
 * Opens an .npy file of float64 numbers, `[rows, columns]`. Every call of `write` updates the number of rows in the
 * header.
 * @throws SpikevineError if the file cannot be created
 */
export function npyRowWriter(path: string, columns: number): RowFile {
  checkNpy([path, columns]);
  const header = (rows: number, isClosed: boolean): Uint8Array => {
    const fields = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
    const text = isClosed ? fields : `${fields} ${NOT_CLOSED}`;
    const bytes = new Uint8Array(128);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
    bytes.set(new TextEncoder().encode(`${text.padEnd(117)}\n`), 10);
    return bytes;
  };
  return openRows(path, columns, {
    begin: header(0, false),
    encode: (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    header,
  });
}

/**
 * Opens a CSV file with the names of its columns in the first line.
 * @throws SpikevineError if the file cannot be created
 */
export function csvRowWriter(path: string, names: readonly string[]): RowFile {
  checkCsv([path, names]);
  const encoder = new TextEncoder();
  return openRows(path, names.length, {
    begin: encoder.encode(`${names.map(quoted).join(",")}\r\n`),
    encode(values) {
      const lines: string[] = [];
      for (let at = 0; at < values.length; at += names.length) {
        lines.push(`${values.subarray(at, at + names.length).join(",")}\r\n`);
      }
      return encoder.encode(lines.join(""));
    },
  });
}

function openRows(
  path: string,
  columns: number,
  format: {
    begin: Uint8Array;
    encode(values: Float64Array): Uint8Array;
    /** Start of the file for a number of rows. */
    header?(rows: number, isClosed: boolean): Uint8Array;
  },
): RowFile {
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw cannot("write", path, error, "choose a folder that can be written to");
    }
  };
  const file = attempt(() => openSync(path, "w"));
  let rows = 0;
  let open = true;
  const append = (bytes: Uint8Array): void => {
    // The system may write fewer bytes than given.
    for (let at = 0; at < bytes.length; ) at += attempt(() => writeSync(file, bytes, at));
  };
  const writeHeader = (isClosed: boolean): void => {
    if (format.header) attempt(() => writeSync(file, format.header!(rows, isClosed), 0, undefined, 0));
  };
  append(format.begin);
  return {
    path,
    get rows() {
      return rows;
    },
    write(values) {
      checkRows([values], `"${path}"`);
      if (!open) throw new SpikevineError(`"${path}" is closed; open it again for more rows.`);
      append(format.encode(values));
      rows += values.length / columns;
      writeHeader(false);
    },
    close() {
      if (!open) return;
      open = false;
      try {
        writeHeader(true);
      } finally {
        attempt(() => closeSync(file));
      }
    },
  };
}
