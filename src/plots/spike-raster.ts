import { scaleLinear } from "d3-scale";
import { fields, list, number, numbers, optional, signature, text, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { type Box, COLORS, figure, heading, thousands, xAxis, yAxis } from "./chart.js";
import { element, round } from "./svg.js";
import { timeAxis } from "./time.js";

/** The spikes of one layer for one sample. */
export interface LayerSpikes {
  readonly name: string;
  readonly units: number;
  /** `[steps, units]` row-major; non-zero values are spikes. */
  readonly spikes: ArrayLike<number>;
}

const WIDTH = 840;
const LEFT = 64;
const RIGHT = 20;

interface SpikeRasterOptions {
  title?: string;
  steps: number;
  stepMs?: number;
  layers: readonly LayerSpikes[];
}

const check = signature("rasterFromArray", {
  options: fields<SpikeRasterOptions>(
    {
      title: optional(text()),
      steps: whole(0),
      stepMs: optional(number({ above: 0 })),
      layers: list(fields<LayerSpikes>({ name: text(), units: whole(0), spikes: numbers })),
    },
    { root: "options" },
  ),
});

/**
 * A spike raster: one panel per layer, input first, time to the right, unit indices upward. All marks of a layer are one
 * path element, so that a picture with tens of thousands of spikes stays small. Returns an SVG picture.
 * @param options.stepMs length of a step, to show the time in milliseconds
 * @throws SpikevineError if a layer does not have steps * units values
 */
export function rasterFromArray(options: SpikeRasterOptions): string {
  check([options]);
  const { layers } = options;
  const steps = Math.max(1, options.steps);
  const width = WIDTH - LEFT - RIGHT;
  let top = 64;
  const content: string[] = [];
  const spoken: string[] = [];
  layers.forEach((layer, i) => {
    const box: Box = { left: LEFT, top, width, height: panelHeight(layer.units) };
    checkLength(layer, options.steps);
    const count = countSpikes(layer.spikes, steps * layer.units);
    const detail = `${thousands(layer.units)} units, ${thousands(count)} spikes, ${rate(count, steps * layer.units, options.stepMs)}`;
    const last = i === layers.length - 1;
    content.push(heading(box, top - 8, layer.name, detail), panel(box, layer, steps, COLORS[i % COLORS.length]!));
    const { label, perStep } = timeAxis(options.stepMs);
    // A mark stands in the middle of its step.
    const x = scaleLinear()
      .domain([-0.5 * perStep, (steps - 0.5) * perStep])
      .range([box.left, box.left + box.width]);
    const integers = options.stepMs === undefined;
    content.push(xAxis(box, x, { integers, ...(last ? { label } : { numbers: false }) }));
    spoken.push(`${layer.name}: ${detail}`);
    top += box.height + 34;
  });
  return figure({
    width: WIDTH,
    height: top + 12,
    title: options.title ?? "Spike raster",
    description: spoken.join("; "),
    content,
  });
}

/** Separate rows for few units; a density for many. */
function panelHeight(units: number): number {
  return units <= 12 ? Math.max(40, units * 14) : Math.min(170, Math.max(120, units));
}

function panel(box: Box, { units, spikes }: LayerSpikes, steps: number, color: string): string {
  const y = scaleLinear()
    .domain([-0.5, units - 0.5])
    .range([box.top + box.height, box.top]);
  const all = Array.from({ length: units }, (_, unit) => unit);
  const ticks = units <= 12 ? all : y.ticks(4).filter((tick) => tick >= 0 && tick < units);
  const perStep = box.width / steps;
  const perUnit = box.height / units;
  // Narrow as in any raster, but at least about a pixel either way, however many units and steps there are.
  const markWidth = round(Math.max(1, Math.min(0.85 * perStep, 2.2)) / perStep);
  const markHeight = Math.max(0.7, 1.6 / perUnit);
  let d = "";
  for (let t = 0; t < steps; t++) {
    for (let unit = 0; unit < units; unit++) {
      if (spikes[t * units + unit]) d += `M${t} ${unit}h${markWidth}`;
    }
  }
  const left = box.left + (0.5 - markWidth / 2) * perStep;
  const bottom = box.top + box.height - perUnit / 2;
  const transform = `translate(${round(left)} ${round(bottom)}) scale(${perStep.toFixed(4)} ${(-perUnit).toFixed(4)})`;
  const marks = { d, fill: "none", stroke: color, "stroke-width": markHeight, transform };
  return yAxis(box, y, { label: "unit", ticks, format: thousands }) + (d === "" ? "" : element("path", marks));
}

function checkLength({ name, units, spikes }: LayerSpikes, steps: number): void {
  if (spikes.length === steps * units) return;
  throw new SpikevineError(
    `rasterFromArray: layer "${name}" has ${spikes.length} values for ${steps} steps of ${units} units; give steps * units values.`,
  );
}

function countSpikes(spikes: ArrayLike<number>, length: number): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (spikes[i]) count++;
  return count;
}

/** `12.3 % of the steps`, or with a step length `45.6 Hz on average`. */
function rate(count: number, places: number, stepMs: number | undefined): string {
  const fraction = places === 0 ? 0 : count / places;
  return stepMs === undefined
    ? `${(100 * fraction).toFixed(1)} % of the steps`
    : `${((1000 * fraction) / stepMs).toFixed(1)} Hz on average`;
}
