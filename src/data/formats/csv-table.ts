import { SpikevineError } from "../../errors.js";
import { broken } from "../idx.js";

/** Rows of numbers, and one column of labels as they are written. */
export interface CsvTable {
  /** `[rows, columns]`. */
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly labels: readonly string[];
}

/** Most characters that engines hold in one text, with a margin. */
const LONGEST = 2 ** 29 - 64;
const DELIMITERS = ",;\t";
const MOST_SHOWN = 8;

/**
 * Reads CSV (RFC 4180): cells that are separated by commas, semicolons or tabs (the first of these in the first line), quoted or not.
 * The first line has the names of the columns, unless its values are numbers or missing and its label is a number or one of the labels
 * of the other lines. A byte-order mark and empty lines are skipped.
 * @param name the file's name, for messages
 * @param label name of the column of the labels, or its number from 1; all other columns are values
 * @throws SpikevineError naming the file and the line: not UTF-8, no such column, rows of different lengths, a value that is no finite
 * number
 */
export function parseCsvTable(file: Uint8Array, name: string, label: string | undefined): CsvTable {
  const text = decode(file, name);
  const first = rowReader(text, name)()?.cells;
  if (first === undefined) throw broken(name, "is empty", "give a table");
  const texts = first.flatMap((cell, i) => (isValue(cell) ? [] : [i]));
  const table = readTable(text, name, label, texts.length > 0);
  const [only] = texts;
  if (texts.length !== 1 || label !== String(only! + 1)) return table;
  // The text of the first line is the name of the labels, or the label of a sample.
  return table.labels.includes(first[only!]!.trim()) ? readTable(text, name, label, false) : table;
}

function readTable(text: string, name: string, label: string | undefined, hasNames: boolean): CsvTable {
  const read = rowReader(text, name);
  const first = read()!;
  const chosen = labelColumn(name, first.cells, hasNames, label);
  const columns = first.cells.length - 1;
  if (columns === 0) throw broken(name, "has no column beside the labels", "give the values of the samples too");
  let values = new Float32Array(columns * 256);
  const labels: string[] = [];
  let at = 0;
  for (let row = hasNames ? read() : first; row !== undefined; row = read()) {
    const { cells, line } = row;
    if (cells.length !== columns + 1) {
      const fix = "give rows of equal length";
      throw broken(name, `has ${cells.length} cells in line ${line}, but ${columns + 1} in the first line`, fix);
    }
    if (at + columns > values.length) {
      const grown = new Float32Array(2 * values.length);
      grown.set(values);
      values = grown;
    }
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!;
      if (i === chosen) {
        if (cell.trim() === "") throw broken(name, `has no label in line ${line}`, "give every sample a label");
        labels.push(cell.trim());
        continue;
      }
      const value = Math.fround(Number(cell));
      if (!Number.isFinite(value) || cell.trim() === "") {
        const column = hasNames ? `"${first.cells[i]}"` : String(i + 1);
        throw broken(name, `has ${shown(cell)} in line ${line}, column ${column}`, "give finite numbers");
      }
      values[at++] = value;
    }
  }
  if (labels.length === 0) throw broken(name, "has no rows beside the names of its columns", "give some samples");
  return { values: values.subarray(0, at), rows: labels.length, columns, labels };
}

/** Text of a file in UTF-8, without its byte-order mark. */
export function decode(file: Uint8Array, name: string): string {
  if (file.length > LONGEST) throw broken(name, `has ${file.length} bytes`, "convert a table this large to .npy");
  try {
    // The decoder skips a byte-order mark.
    return new TextDecoder("utf-8", { fatal: true }).decode(file);
  } catch {
    throw broken(name, "is not text in UTF-8", "convert it");
  }
}

/** True for a number and for the usual marks of a missing one. */
const isValue = (cell: string): boolean => !Number.isNaN(Number(cell)) || /^\s*(?:nan|na|null|\?)\s*$/i.test(cell);
const shown = (cell: string): string => {
  if (cell.trim() === "") return "an empty cell";
  return JSON.stringify(cell.length > 40 ? `${cell.slice(0, 37)}...` : cell);
};

/** Index of the column of labels. */
function labelColumn(name: string, cells: readonly string[], hasNames: boolean, label: string | undefined): number {
  const columns = cells.slice(0, MOST_SHOWN).join(", ") + (cells.length > MOST_SHOWN ? ", ..." : "");
  const choose = hasNames ? `one of its columns ${columns}` : `the number of its column, from 1 to ${cells.length}`;
  if (label === undefined)
    throw new SpikevineError(`data: labels of "${name}" is missing; give labels (--labels): ${choose}.`);
  if (hasNames) {
    const found = cells.flatMap((cell, i) => (cell.trim() === label ? [i] : []));
    if (found.length > 1)
      throw broken(name, `has ${found.length} columns "${label}"`, "give the labels' column a name of its own");
    if (found[0] !== undefined) return found[0];
  }
  const number = /^\d{1,9}$/.test(label) ? Number(label) : 0;
  if (number >= 1 && number <= cells.length) return number - 1;
  throw new SpikevineError(`data: "${name}" has no column "${label}"; give labels (--labels): ${choose}.`);
}

interface Row {
  readonly cells: readonly string[];
  /** Number of its line, from 1. */
  readonly line: number;
}

const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;

/** Code of the first delimiter of the first line that is not in quotes; that of a comma if there is none. */
function delimiterOf(text: string): number {
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (DELIMITERS.includes(character)) return character.charCodeAt(0);
    if (character === "\n" || character === "\r") break;
  }
  return DELIMITERS.charCodeAt(0);
}

/** A function that gives the next row that is not empty; undefined after the last. */
function rowReader(text: string, name: string): () => Row | undefined {
  const delimiter = delimiterOf(text);
  let at = 0;
  let line = 1;
  /** Reads a quoted cell, whose first quote is at `at`, and moves behind it. */
  const quoted = (): string => {
    const begin = line;
    let cell = "";
    at++;
    for (;;) {
      const end = text.indexOf('"', at);
      if (end < 0) throw broken(name, `has a quote in line ${begin} that does not end`, "close it");
      const part = text.slice(at, end);
      cell += part;
      for (const character of part) if (character === "\n") line++;
      at = end + 1;
      if (text.charCodeAt(at) !== QUOTE) return cell;
      cell += '"';
      at++;
    }
  };
  const isEnd = (code: number): boolean => code === delimiter || code === LF || code === CR;
  const next = (): Row => {
    const cells: string[] = [];
    const begin = line;
    for (;;) {
      if (text.charCodeAt(at) === QUOTE) {
        cells.push(quoted());
        if (at < text.length && !isEnd(text.charCodeAt(at))) {
          throw broken(name, `has text behind a quote in line ${line}`, 'write a quote in a cell as ""');
        }
      } else {
        const start = at;
        while (at < text.length && !isEnd(text.charCodeAt(at))) at++;
        cells.push(text.slice(start, at));
      }
      if (text.charCodeAt(at) !== delimiter) break;
      at++;
    }
    if (text.charCodeAt(at) === CR) at++;
    if (text.charCodeAt(at) === LF) at++;
    line++;
    return { cells, line: begin };
  };
  return () => {
    while (at < text.length) {
      const row = next();
      if (row.cells.length > 1 || row.cells[0]!.trim() !== "") return row;
    }
    return undefined;
  };
}
