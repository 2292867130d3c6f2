import type { Network } from "../../../networks/network.js";
import type { Dataset } from "../../data/dataset.js";
import { type Pixels, rangeProblem } from "../../data/pixels.js";
import { formOf, type SeriesForm } from "../../data/series/series.js";
import { isStreamed, type StreamedDataset } from "../../data/streamed/streamed-dataset.js";
import { isDirect } from "../../equations/definitions/encoder.js";
import { SpikevineError } from "../../errors.js";

/** Form of a network's input: one image per sample, or values or spikes at every step. */
export type InputForm = "image" | "values" | "spikes";

export const inputForm = (data: Dataset | StreamedDataset): InputForm => seriesForm(data)?.kind ?? "image";

const seriesForm = (data: Dataset | StreamedDataset): SeriesForm | undefined => {
  if (isStreamed(data)) return data.form;
  return data.series && formOf(data.series);
};

/**
 * Checks that the encoder and the steps of a network fit samples in time.
 * @throws SpikevineError if a presentation is shorter than the samples, if steps have different lengths, or if the encoder is for
 * other samples
 */
export function checkInput(data: Dataset | StreamedDataset, { encoder, dt }: Network, steps: number): void {
  const form = seriesForm(data);
  if (form === undefined) return;
  const { name } = data;
  if (form.steps > steps) {
    throw new SpikevineError(
      `data: "${name}" has ${form.steps} steps, but a presentation has ${steps}; give the network steps: ${form.steps}, or the data set steps: ${steps} to leave later ones out.`,
    );
  }
  if (form.bin !== undefined && Math.abs(form.bin / 1000 - dt) > 1e-9 * dt) {
    throw new SpikevineError(
      `data: a step of "${name}" is ${form.bin / 1000} ms, but a step of the network is ${dt} ms; make them equal: bin: "${dt} ms", or dt: "${form.bin / 1000} ms".`,
    );
  }
  if (form.kind === "spikes") {
    if (isDirect(encoder)) return;
    throw new SpikevineError(
      `data: "${name}" has spikes, which enter a network as they are, but its encoder is ${encoder.name}; give encoder: direct().`,
    );
  }
  if (encoder.spec.within !== undefined) {
    throw new SpikevineError(
      `data: "${name}" changes from step to step, but encoders/${encoder.name} codes a still image by the time of one spike; give another encoder, e.g. delta() or direct().`,
    );
  }
}

/** Warns about pixels outside the range that the encoder codes. */
export function warnOfRange(
  data: StreamedDataset | { readonly name: string; readonly images?: Pixels },
  { encoder }: Network,
  onWarning: ((message: string) => void) | undefined,
): void {
  if (onWarning === undefined || isStreamed(data) || data.images === undefined) return;
  const problem = rangeProblem(data.name, data.images, encoder.output === "spikes");
  if (problem !== undefined) onWarning(problem);
}
