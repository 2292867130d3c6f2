import { fields, list, numbers, optional, signature, text } from "../arguments/index.js";
import { linePlot } from "./lines.js";

/** Mean firing rate of the neurons of a population over time. */
export interface PopulationRate {
  readonly name: string;
  /** Middle of every bin, ms. */
  readonly times: ArrayLike<number>;
  /** Hz. */
  readonly rates: ArrayLike<number>;
}

/** Rates of populations, as an argument. */
export const POPULATION_RATES = list(fields<PopulationRate>({ name: text(), times: numbers, rates: numbers }));

interface PopulationRatesOptions {
  title?: string;
  populations: readonly PopulationRate[];
}

const check = signature("populationRates", {
  options: fields<PopulationRatesOptions>(
    { title: optional(text()), populations: POPULATION_RATES },
    { root: "options" },
  ),
});

/** Population rates over time, all in one panel. Returns an SVG picture. */
export function populationRates(options: PopulationRatesOptions): string {
  check([options]);
  const { title = "Population rates", populations } = options;
  const lines = populations.map(({ name, times, rates }) => ({ name, x: times, y: rates }));
  const panel = { title: "Spikes per neuron and second (Hz)", xLabel: "time (ms)", lines, fromZero: true };
  return linePlot({ title, panels: [panel] });
}
