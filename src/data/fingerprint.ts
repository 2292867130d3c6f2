import { digest, digestText } from "../io/checksum.js";
import type { Dataset } from "./dataset.js";
import type { Series } from "./series/series.js";
import { isStreamed, type StreamedDataset } from "./streamed/streamed-dataset.js";

/** Largest number of samples of a streamed data set that its fingerprint reads. */
const PROBES = 64;

/**
 * Checksum that tells data sets apart, whatever their names. In memory, it covers every value, label and target. Of a streamed data
 * set it covers the fields and 64 evenly spaced samples, since reading all of them could take as long as an epoch.
 * @throws what `read` of a streamed data set throws
 */
export async function dataFingerprint(data: Dataset | StreamedDataset): Promise<string> {
  if (!isStreamed(data)) return digestText(JSON.stringify(partsOf(data)));
  const { count, pixels, classes, shape, form, targets } = data;
  const probes = Math.min(PROBES, count);
  const indices = Uint32Array.from({ length: probes }, (_, i) => Math.floor((i * count) / probes));
  const fields = [count, pixels, classes, shape ?? null, form ?? null, targets ?? null];
  return digestText(JSON.stringify([fields, partsOf(await data.read(indices))]));
}

function partsOf({ images, series, labels, count, pixels, classes, shape, targets }: Dataset): unknown[] {
  const samples = series === undefined ? [digest(images!)] : seriesParts(series);
  const answers = [
    digest(labels),
    ...(targets === undefined ? [] : [targets.width, targets.steps, digest(targets.values)]),
  ];
  return [count, pixels, classes, shape ?? null, samples, answers];
}

/** The form of samples in time, and a checksum for every array of a sample. */
function seriesParts({ samples, ...form }: Series): unknown[] {
  const ofSample = (sample: (typeof samples)[number]): unknown =>
    "t" in sample ? Object.entries(sample).map(([name, values]) => [name, digest(values)]) : digest(sample);
  return [form, samples.map(ofSample)];
}
