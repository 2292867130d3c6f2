import type { EventPopulation } from "./event-raster.js";
import type { Line } from "./line-chart.js";
import type { RasterLayer } from "./raster.js";

/** Lines as an SVG of the library; its code is loaded on use. */
export async function lineSvg(
  title: string,
  { x, xLabel }: { readonly x: ArrayLike<number>; readonly xLabel: string },
  lines: readonly Line[],
): Promise<string> {
  const { linePlot } = await import("spikevine/plots");
  const all = lines.map(({ label, values, dashed = false }) => ({
    name: label,
    x,
    y: Array.from(values, (y) => y ?? Number.NaN),
    dashed,
  }));
  return linePlot({ title, panels: [{ title, xLabel, lines: all }] });
}

/** Spikes as an SVG of the library. */
export async function rasterSvg(title: string, layers: readonly RasterLayer[], steps: number): Promise<string> {
  const { rasterFromArray } = await import("spikevine/plots");
  return rasterFromArray({ title, steps, layers });
}

/** Spikes in time as an SVG of the library. */
export async function eventSvg(title: string, populations: readonly EventPopulation[]): Promise<string> {
  const { rasterFromTimes } = await import("spikevine/plots");
  const joined = populations.map(({ name, size, times, neurons }) => ({
    name,
    size,
    times: times.flatMap((part) => Array.from(part)),
    units: neurons.flatMap((part) => Array.from(part)),
  }));
  return rasterFromTimes({ title, populations: joined });
}
