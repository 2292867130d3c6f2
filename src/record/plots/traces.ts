import { timeRows } from "./rows.js";

/** The membrane potential of one unit for one sample. */
export interface MembraneTrace {
  readonly name: string;
  /** One value a step. */
  readonly values: ArrayLike<number>;
  readonly threshold?: number | undefined;
  /** One value a step; anything but zero is a spike. */
  readonly spikes?: ArrayLike<number> | undefined;
}

/**
 * Membrane potentials of chosen units, one under the other, with their thresholds and spikes. Returns an SVG picture.
 * @param options.unit of the potential, such as `mV`; left out for models without one
 * @param options.stepMs length of a step, to show the time in milliseconds
 */
export function membraneTraces(options: {
  title?: string;
  unit?: string;
  stepMs?: number;
  traces: readonly MembraneTrace[];
}): string {
  return timeRows({
    title: options.title ?? "Membrane potentials",
    description: `Membrane potential over time of ${options.traces.map(({ name }) => name).join(", ")}.`,
    stepMs: options.stepMs,
    rows: options.traces.map((trace) => ({ ...trace, unit: options.unit, kind: "line" })),
  });
}
