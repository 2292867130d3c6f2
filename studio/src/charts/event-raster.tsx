import { useMemo } from "preact/hooks";
import { Canvas } from "./canvas.js";
import type { Palette } from "./colors.js";

/** Spikes of some neurons as lists, in parts that follow each other. */
export interface EventPopulation {
  readonly name: string;
  readonly size: number;
  readonly times: readonly Float64Array[];
  readonly neurons: readonly Uint32Array[];
}

export interface EventRasterProps {
  readonly label: string;
  readonly populations: readonly EventPopulation[];
  /** ms */
  readonly range: { readonly from: number; readonly to: number };
  readonly height: number;
}

/** Largest number of rows of a population. */
const ROWS = 300;
const GAP = 18;
const BELOW = 20;

/** Spikes at their times, one row per neuron. */
export function EventRaster({ label, populations, range, height }: EventRasterProps) {
  const draw = useMemo(
    () => (context: CanvasRenderingContext2D, size: { width: number; height: number }, colors: Palette) => {
      const rows = populations.map(({ size: count }) => Math.max(24, Math.min(ROWS, count)));
      const total = rows.reduce((sum, count) => sum + count, 0);
      const room = size.height - BELOW - GAP * populations.length;
      const x = (time: number): number => ((time - range.from) / Math.max(1e-9, range.to - range.from)) * size.width;
      context.font = "12px system-ui, sans-serif";
      let top = GAP;
      for (const [p, { name, size: count, times, neurons }] of populations.entries()) {
        const tall = (room * rows[p]!) / total;
        const row = tall / Math.min(ROWS, count);
        context.fillStyle = colors.muted;
        context.fillText(`${name}, ${Math.min(ROWS, count)} of ${count.toLocaleString("en")}`, 0, top - 5);
        context.fillStyle = colors.line;
        context.fillRect(0, top + tall, size.width, 1);
        context.fillStyle = colors.series[p % colors.series.length]!;
        const mark = Math.max(1, Math.min(3, row));
        times.forEach((part, k) => {
          for (let i = 0; i < part.length; i++) {
            context.fillRect(x(part[i]!), top + neurons[k]![i]! * row, 1.4, Math.min(tall, count === 1 ? tall : mark));
          }
        });
        top += tall + GAP;
      }
      context.fillStyle = colors.muted;
      context.fillText(`${range.from.toFixed(0)} ms`, 0, size.height - 4);
      context.textAlign = "right";
      context.fillText(`${range.to.toFixed(0)} ms`, size.width, size.height - 4);
      context.textAlign = "left";
    },
    [populations, range],
  );
  return <Canvas label={label} height={height} draw={draw} />;
}
