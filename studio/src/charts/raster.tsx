import { useMemo } from "preact/hooks";
import { Canvas } from "./canvas.js";

/** A block of rows of a raster. */
export interface RasterLayer {
  readonly name: string;
  readonly units: number;
  /** `[steps, units]`: 1 where a unit fires. */
  readonly spikes: Uint8Array;
}

export interface RasterProps {
  readonly label: string;
  readonly layers: readonly RasterLayer[];
  readonly steps: number;
  /** Steps up to this one are shown in full color; later ones pale. */
  readonly cursor?: number;
  readonly height?: number;
  /** A unit that is marked. */
  readonly marked?: { readonly layer: number; readonly unit: number } | undefined;
  onUnit?(layer: number, unit: number): void;
}

const GAP = 18;
const LEFT = 4;

/** Spikes of all units over time, one block per layer. Each layer has a share of the height that grows with its units. */
export function Raster({ label, layers, steps, cursor, height = 300, marked, onUnit }: RasterProps) {
  const draw = useMemo(
    () =>
      (
        context: CanvasRenderingContext2D,
        size: { width: number; height: number },
        colors: { muted: string; line: string; series: readonly string[] },
      ) => {
        const width = size.width - 2 * LEFT;
        const step = width / steps;
        for (const [index, { top, tall, layer }] of blocks(layers, size.height).entries()) {
          const row = tall / layer.units;
          context.fillStyle = colors.muted;
          context.font = "12px system-ui, sans-serif";
          context.fillText(`${layer.name}, ${layer.units} units`, LEFT, top - 5);
          context.fillStyle = colors.line;
          context.fillRect(LEFT, top + tall, width, 1);
          context.fillStyle = colors.series[index % colors.series.length]!;
          for (let t = 0; t < steps; t++) {
            context.globalAlpha = cursor === undefined || t <= cursor ? 1 : 0.16;
            for (let u = 0; u < layer.units; u++) {
              if (layer.spikes[t * layer.units + u] === 0) continue;
              context.fillRect(
                LEFT + t * step + step * 0.15,
                top + u * row,
                Math.max(1, step * 0.7),
                Math.max(0.75, row * 0.8),
              );
            }
          }
          context.globalAlpha = 1;
          if (marked?.layer === index) {
            context.strokeStyle = colors.muted;
            context.strokeRect(LEFT - 2, top + marked.unit * row - 2, width + 4, row + 4);
          }
        }
        if (cursor !== undefined) {
          context.fillStyle = colors.muted;
          context.fillRect(LEFT + (cursor + 1) * step, 0, 1, size.height);
        }
      },
    [layers, steps, cursor, marked],
  );
  const point = (_: number, y: number): void => {
    for (const [index, { top, tall, layer }] of blocks(layers, height).entries()) {
      const unit = Math.floor(((y - top) / tall) * layer.units);
      if (y >= top && unit < layer.units) {
        onUnit?.(index, unit);
        return;
      }
    }
  };
  return (
    <Canvas
      label={label}
      height={height}
      draw={draw}
      {...(onUnit === undefined ? {} : { onPoint: point, class: "pointable" })}
    />
  );
}

/** Top and height of every block. The square root keeps small layers readable beside large ones. */
function blocks(layers: readonly RasterLayer[], height: number): { top: number; tall: number; layer: RasterLayer }[] {
  const room = height - GAP * layers.length - 4;
  const weight = layers.reduce((sum, { units }) => sum + Math.sqrt(units), 0);
  let top = GAP;
  return layers.map((layer) => {
    const tall = (room * Math.sqrt(layer.units)) / weight;
    const block = { top, tall, layer };
    top += tall + GAP;
    return block;
  });
}
