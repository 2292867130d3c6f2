import { signal } from "@preact/signals";
import { settingsOf } from "../app/link.js";
import { laboratory, TaskError } from "../engine/client.js";
import type { Presented } from "../engine/tasks/present.js";
import { run } from "../train/state.js";

/** `image`: one hexadecimal digit per pixel. `layer` and `unit`: the unit whose inputs are shown. */
export const settings = settingsOf("draw", { image: "", layer: 1, unit: 0 });

export const SIDE = 28;

/** The drawing: values in [0, 1]. */
export const drawing = signal(readImage(settings.value.image));
export const answer = signal<Presented | undefined>(undefined);
export const problem = signal("");
/** The step up to which spikes are counted. */
export const cursor = signal(0);

/** Stores the drawing in the link and presents it to the network. */
export async function presentDrawing(): Promise<void> {
  settings.value = { ...settings.value, image: writeImage(drawing.value) };
  const trained = run.value;
  if (trained === undefined || drawing.value.every((value) => value === 0)) {
    answer.value = undefined;
    return;
  }
  try {
    problem.value = "";
    answer.value = await laboratory.run("present", {
      settings: trained.settings,
      ...(trained.own === undefined ? {} : { own: trained.own }),
      weights: trained.weights,
      image: centered(drawing.value),
      rateSamples: 0,
    });
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    problem.value = error.message;
  }
}

/** Moves the center of mass to the middle, as in the digits of the training. */
function centered(image: Float32Array): Float32Array {
  let [total, x, y] = [0, 0, 0];
  image.forEach((value, i) => {
    total += value;
    x += value * (i % SIDE);
    y += value * Math.floor(i / SIDE);
  });
  const dx = Math.round((SIDE - 1) / 2 - x / total);
  const dy = Math.round((SIDE - 1) / 2 - y / total);
  const moved = new Float32Array(SIDE * SIDE);
  image.forEach((value, i) => {
    const [column, row] = [(i % SIDE) + dx, Math.floor(i / SIDE) + dy];
    if (column >= 0 && column < SIDE && row >= 0 && row < SIDE) moved[row * SIDE + column] = value;
  });
  return moved;
}

/** One hexadecimal digit per pixel; runs of zeros as `.n.`. */
function writeImage(image: Float32Array): string {
  const digits = Array.from(image, (value) => Math.round(value * 15).toString(16)).join("");
  return /^0*$/.test(digits) ? "" : digits.replace(/0{4,}/g, (zeros) => `.${zeros.length}.`);
}

function readImage(text: string): Float32Array {
  const digits = text.replace(/\.(\d{1,4})\./g, (_, count: string) => "0".repeat(Math.min(SIDE * SIDE, Number(count))));
  const image = new Float32Array(SIDE * SIDE);
  if (digits.length === image.length && /^[0-9a-f]+$/.test(digits)) {
    for (let i = 0; i < image.length; i++) image[i] = Number.parseInt(digits[i]!, 16) / 15;
  }
  return image;
}
