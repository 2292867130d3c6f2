import { signature, text as textKind } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { parseJson } from "../formats/json.js";

/** One line of a metrics file. NaN and infinite numbers are written as null, because JSON cannot represent them. */
export type MetricsRecord = Readonly<Record<string, unknown>>;

export interface Metrics {
  readonly records: readonly MetricsRecord[];
  /**
   * True if the file ends in the middle of a line because the run was interrupted while writing. That line is left out.
   */
  readonly torn: boolean;
}

const check = signature("parseMetrics", { text: textKind(), name: textKind() });

/**
 * Reads NDJSON: one JSON object per line, each ended by a newline. Text after the last newline is a torn line.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file and the line that is not a JSON object
 */
export function parseMetrics(text: string, name: string): Metrics {
  check([text, name]);
  const lines = text.split("\n");
  const torn = lines.pop() !== "";
  const records = lines.map((line, i) => {
    const record = parseObject(line);
    if (record !== undefined) return record;
    throw new SpikevineError(`metrics: line ${i + 1} of "${name}" is not a JSON object; remove or fix that line.`);
  });
  return { records, torn };
}

function parseObject(line: string): MetricsRecord | undefined {
  try {
    const value = parseJson(line, (problem) => new Error(problem));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as MetricsRecord) : undefined;
  } catch {
    return undefined;
  }
}
