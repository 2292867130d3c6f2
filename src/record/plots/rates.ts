import { linePlot } from "./lines.js";

/** How often the units of a population fire on average, over time. */
export interface PopulationRate {
  readonly name: string;
  /** Middle of every bin, ms. */
  readonly times: ArrayLike<number>;
  /** Hz. */
  readonly rates: ArrayLike<number>;
}

/** Population rates over time, all in one panel. Returns an SVG picture. */
export function populationRates(options: { title?: string; populations: readonly PopulationRate[] }): string {
  const { title = "Population rates", populations } = options;
  const lines = populations.map(({ name, times, rates }) => ({ name, x: times, y: rates }));
  return linePlot({ title, panels: [{ title: "Spikes per unit and second (Hz)", xLabel: "time (ms)", lines }] });
}
