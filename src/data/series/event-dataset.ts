import { choice, fields, list, optional, signature, text, whole } from "../../arguments/index.js";
import { quantity } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import type { Dataset } from "../dataset.js";
import { LABELS } from "../pixels.js";
import { readAnswers, TARGETS, type TargetOptions } from "../targets.js";
import { checkEvents, EVENTS, type Events, lastTime } from "./events.js";
import { SENSOR } from "./rows.js";

/** Division of recordings into steps. */
export interface Binning {
  /** Length of a step, e.g. "1 ms". Step i has the events from i * bin up to, but not including, (i + 1) * bin. */
  readonly bin: string;
  /** Steps of a presentation; later events are left out. Default: as many as the longest recording needs. */
  readonly steps?: number;
  /** Input of a pixel and polarity at a step: 1 if there was any event ("spikes"), or the number of events ("counts"). Default: "spikes". */
  readonly as?: "spikes" | "counts";
}

/** Kinds of the options of a binning. */
export const BINNING = {
  bin: text('a time, e.g. "1 ms"'),
  steps: optional(whole(1)),
  as: optional(choice(["spikes", "counts"])),
};

interface EventDatasetOptions extends Binning {
  /** Name in messages. Default: "in memory". */
  readonly name?: string;
  /** One recording per sample. They share their memory with the data set. */
  readonly events: readonly Events[];
  /** Size of the sensor: polarities, rows (y) and columns (x), e.g. [2, 34, 34]; [1, 1, 700] for a cochlea of 700 channels. */
  readonly shape: readonly [polarities: number, height: number, width: number];
  /** `[count]`: whole numbers from 0 to classes - 1, 255 at most. Left out if there are targets only. */
  readonly labels?: ArrayLike<number>;
  /** Default: the largest label + 1. */
  readonly classes?: number;
  /** Values that the outputs of a network should have (regression): one row per sample, or per step with `steps`. */
  readonly targets?: TargetOptions;
}

const check = signature("eventDataset", {
  options: fields<EventDatasetOptions>(
    {
      name: optional(text()),
      events: list(EVENTS, 1),
      shape: SENSOR,
      labels: optional(LABELS),
      classes: optional(whole(1, 256)),
      targets: optional(TARGETS),
      ...BINNING,
    },
    { root: "options" },
  ),
});

/**
 * Creates a data set of event recordings. They stay events in memory, and are binned when a batch needs them. The inputs of a network
 * are polarities * height * width, with the polarity last: input (y * width + x) * polarities + p.
 * @throws SpikevineError naming the invalid field, its value and the fix.
 */
export function eventDataset(options: EventDatasetOptions): Dataset {
  check([options]);
  const { name = "in memory", events, shape, as = "spikes" } = options;
  const answers = readAnswers(options);
  if (events.length !== answers.count) {
    throw new SpikevineError(
      `data: events has ${events.length} recordings for ${answers.count} labels or targets; give one for each.`,
    );
  }
  events.forEach((recording, i) => {
    checkEvents(recording, shape, `events[${i}]`);
  });
  const bin = microseconds(options.bin);
  const longest = events.reduce((last, recording) => Math.max(last, lastTime(recording)), 0);
  return {
    name,
    series: {
      kind: "events",
      steps: options.steps ?? Math.floor(longest / bin) + 1,
      samples: events,
      bin,
      counted: as === "counts",
      sensor: shape,
    },
    ...answers,
    shape,
    pixels: shape.reduce((a, b) => a * b, 1),
  };
}

/** Length of a step in microseconds, without the rounding of the conversion from ms. */
export function microseconds(bin: string): number {
  const found = Number((1000 * quantity("data: bin", bin, "ms")).toPrecision(12));
  if (found > 0) return found;
  throw new SpikevineError(`data: bin is ${bin}; give a time above 0, e.g. "1 ms".`);
}
