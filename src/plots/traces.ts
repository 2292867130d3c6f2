import { fields, list, number, numbers, optional, signature, text } from "../arguments/index.js";
import { LEVEL, timeRows } from "./rows.js";

/** The membrane potential of one unit for one sample. */
export interface MembraneTrace {
  readonly name: string;
  /** One value per step. */
  readonly values: ArrayLike<number>;
  readonly threshold?: number | undefined;
  /** One value per step; non-zero values are spikes. */
  readonly spikes?: ArrayLike<number> | undefined;
}

interface MembraneTracesOptions {
  title?: string;
  unit?: string;
  stepMs?: number;
  traces: readonly MembraneTrace[];
}

const check = signature("membraneTraces", {
  options: fields<MembraneTracesOptions>(
    {
      title: optional(text()),
      unit: optional(text()),
      stepMs: optional(number({ above: 0 })),
      traces: list(
        fields<MembraneTrace>({
          name: text(),
          values: numbers,
          threshold: optional(LEVEL),
          spikes: optional(numbers),
        }),
      ),
    },
    { root: "options" },
  ),
});

/**
 * Membrane potentials of selected units, one below the other, with their thresholds and spikes. Returns an SVG picture.
 * @param options.unit of the potential, such as `mV`; left out for models without one
 * @param options.stepMs length of a step, to show the time in milliseconds
 */
export function membraneTraces(options: MembraneTracesOptions): string {
  check([options]);
  return timeRows({
    title: options.title ?? "Membrane potentials",
    description: `Membrane potential over time of ${options.traces.map(({ name }) => name).join(", ")}.`,
    stepMs: options.stepMs,
    rows: options.traces.map((trace) => ({ ...trace, unit: options.unit, kind: "line" })),
  });
}
