import {
  callback,
  choice,
  fields,
  number,
  optional,
  type RequiredKind,
  signature,
  text,
  whole,
} from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import type { DataShape } from "../channels-last.js";
import { DATASET, type Dataset } from "../dataset.js";
import { SHAPE } from "../pixels.js";
import { formOf, type SeriesForm } from "../series/series.js";
import { TARGET_FORM, type TargetForm } from "../targets.js";

/** Samples that are read when a batch needs them, e.g. from files larger than memory. */
export interface StreamedDataset {
  readonly name: string;
  readonly count: number;
  /** Values of an image, or of one step of a sample in time. */
  readonly pixels: number;
  /** 0 if the samples have targets only. */
  readonly classes: number;
  /** Image height and width, if samples are still images. */
  readonly shape?: DataShape;
  /** Form of samples in time. Left out: samples are still images. */
  readonly form?: SeriesForm;
  /** Form of the targets. Required if there is one row of targets per step; otherwise `read` may return targets without it. */
  readonly targets?: TargetForm;
  /**
   * Reads samples, in the order of their indices. Training reads one batch ahead, so that two batches of samples are in memory.
   */
  read(indices: Uint32Array): Promise<Dataset>;
}

const FORM = fields<SeriesForm>({
  kind: choice(["spikes", "values"]),
  steps: whole(1),
  bin: optional(number({ above: 0 }, "microseconds, a number above 0")),
});

/** A streamed data set as an argument. */
const STREAMED = fields<StreamedDataset>({
  name: text(),
  count: whole(1, 2 ** 32 - 1),
  pixels: whole(1),
  classes: whole(0, 256),
  shape: optional(SHAPE),
  form: optional(FORM),
  targets: optional(TARGET_FORM),
  read: callback("a function from indices to a data set"),
});

const check = signature("streamedDataset", { source: STREAMED });

/** A data set in memory or a streamed one, as an argument. */
export const DATA: RequiredKind = {
  expects: DATASET.expects,
  optional: false,
  claims: (value) =>
    typeof value === "object" && value !== null && ("images" in value || "series" in value || "read" in value),
  fault: (value, path) => (isStreamed(value) ? STREAMED : DATASET).fault(value, path),
};

/** True for data that are read when a batch needs them. */
export const isStreamed = (data: unknown): data is StreamedDataset =>
  typeof data === "object" && data !== null && "read" in data;

/**
 * Creates a data set whose samples are read when a batch needs them. `train`, `evaluate` and `predict` accept it in place of a data set in
 * memory. What `read` returns is checked with every batch.
 * @throws SpikevineError naming the invalid field, its value and the fix.
 */
export function streamedDataset(source: StreamedDataset): StreamedDataset {
  check([source]);
  return { ...source, read: (indices) => readChecked(source, indices) };
}

async function readChecked(source: StreamedDataset, indices: Uint32Array): Promise<Dataset> {
  const { name, count, pixels, classes, form, targets } = source;
  const outside = indices.find((index) => index >= count);
  if (outside !== undefined) {
    throw new SpikevineError(`data: sample ${outside} of "${name}" does not exist; it has ${count} samples.`);
  }
  const data = await source.read(indices);
  const fault = DATASET.fault(data, "the result of read");
  if (fault !== undefined) throw new SpikevineError(`data: "${name}": ${fault}`);
  const found = data.series === undefined ? undefined : formOf(data.series);
  for (const [what, is, expected] of [
    ["samples", data.count, indices.length],
    ["values per sample", data.pixels, pixels],
    ["form", shown(found), shown(form)],
    ...(targets === undefined && data.targets?.steps === undefined
      ? []
      : [["targets", shownTargets(data.targets), shownTargets(targets)] as const]),
  ] as const) {
    if (is === expected) continue;
    throw new SpikevineError(
      `data: read of "${name}" returned the ${what} ${is} in place of ${expected}; make it fit the data set's fields.`,
    );
  }
  const label = data.labels.find((one) => one >= classes);
  if (label === undefined) return data;
  throw new SpikevineError(
    `data: read of "${name}" returned the label ${label}, but there are ${classes} classes (0 to ${classes - 1}).`,
  );
}

/** A form in a message. The steps of single samples may be fewer than those of the data set. */
const shown = (form: SeriesForm | undefined): string =>
  form === undefined ? "still images" : `${form.kind} in ${form.steps} steps${form.bin ? ` of ${form.bin} us` : ""}`;

const shownTargets = (targets: TargetForm | undefined): string => {
  if (targets === undefined) return "none, or one row per sample";
  return `${targets.width} values per ${targets.steps === undefined ? "sample" : `step of ${targets.steps}`}`;
};
