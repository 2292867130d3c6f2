import { signature } from "../arguments/index.js";
import { DATASET, type Dataset } from "./dataset.js";
import { isBytes } from "./pixels.js";
import type { EventSeries, SpikeSeries } from "./series/series.js";

const check = signature("describeDataset", { data: DATASET });

/**
 * Describes a data set in two lines: number and shape of its samples with the range of their values, and its classes with their
 * balance.
 */
export function describeDataset(data: Dataset): string {
  check([data]);
  const { name, count } = data;
  return `${name}: ${number(count)} samples of ${describeShape(data)}; ${describeValues(data)}\n${describeAnswers(data)}`;
}

/** Shape of a sample: `28 x 28 pixels`, `30 steps of 2 x 34 x 34 inputs`. */
export function describeShape({ pixels, shape, series }: Dataset): string {
  const sizes = shape === undefined ? `${pixels}` : shape.join(" x ");
  if (series === undefined) return `${sizes} ${shape === undefined ? "values" : "pixels"}`;
  return `${number(series.steps)} steps of ${sizes} inputs`;
}

/** Kind, range and mean of the values: `bytes 0 to 255, mean 33.3`. */
export function describeValues({ images, series }: Dataset): string {
  if (series === undefined) return `${isBytes(images) ? "bytes" : "numbers"} ${describeRange([images!])}`;
  if (series.kind === "values") return `values ${describeRange(series.samples)}`;
  return series.kind === "events" ? describeEvents(series) : `${describeSpikes(series.samples)} spikes per sample`;
}

/** Names of classes in a description; more are left out. */
const MOST_NAMES = 10;

/** Classes and the numbers of their samples: `10 classes of 5,421 to 6,742 samples`, `2 classes (cat, dog) of 50 samples`. */
export function describeAnswers({ labels, classes, classNames, targets }: Dataset): string {
  const rows = targets && `${targets.width} targets per ${targets.steps === undefined ? "sample" : "step"}`;
  if (labels.length === 0) return rows ?? "no labels";
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]!++;
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const balance = least === most ? `${number(most)}` : `${number(least)} to ${number(most)}`;
  const names =
    classNames === undefined
      ? ""
      : ` (${classNames.slice(0, MOST_NAMES).join(", ")}${classNames.length > MOST_NAMES ? ", ..." : ""})`;
  return [`${classes} classes${names} of ${balance} samples`, ...(rows === undefined ? [] : [rows])].join("; ");
}

function describeRange(samples: readonly ArrayLike<number>[]): string {
  let [least, most, sum, values] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const sample of samples) {
    for (let i = 0; i < sample.length; i++) {
      const value = sample[i]!;
      if (value < least) least = value;
      if (value > most) most = value;
      sum += value;
    }
    values += sample.length;
  }
  return `${short(least)} to ${short(most)}, mean ${short(sum / values)}`;
}

function describeEvents({ samples, bin, steps, counted }: EventSeries): string {
  let [events, late] = [0, 0];
  for (const { t } of samples) {
    events += t.length;
    for (let i = 0; i < t.length; i++) if (t[i]! >= bin * steps) late++;
  }
  const mean = `${short(events / samples.length)} events per sample, as ${counted ? "counts" : "spikes"} of ${short(bin / 1000)} ms`;
  return late === 0 ? mean : `${mean}; ${short((100 * late) / events)} % of the events are after the last step`;
}

function describeSpikes(samples: SpikeSeries["samples"]): string {
  let spikes = 0;
  for (const words of samples) {
    for (const word of words) for (let rest = word; rest !== 0; rest = (rest & (rest - 1)) >>> 0) spikes++;
  }
  return short(spikes / samples.length);
}

const number = (value: number): string => value.toLocaleString("en");
const short = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 6 });
