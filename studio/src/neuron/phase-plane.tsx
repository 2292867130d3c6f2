import { useMemo } from "preact/hooks";
import { Canvas } from "../charts/canvas.js";
import type { Palette } from "../charts/colors.js";
import { csvOf } from "../controls/download.js";
import { Figure } from "../controls/figure.js";
import type { Plane, Trace } from "../engine/tasks/neuron-lab.js";

const MARGIN = { left: 56, right: 24, top: 8, bottom: 40 };
/** Every so many points of the grid have an arrow. */
const ARROWS = 4;
/** Share of the width that a step of the trace does not exceed, except by a reset. */
const JUMP = 0.12;

/** The plane of the first two states: directions, the lines where one does not change, and the way of the trace. */
export function PhasePlane({ plane, traces }: { readonly plane: Plane; readonly traces: readonly Trace[] }) {
  const { x, y, dx, dy } = plane;
  const draw = useMemo(
    () =>
      (context: CanvasRenderingContext2D, { width, height }: { width: number; height: number }, colors: Palette) => {
        const columns = x.values.length;
        const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
        const [left, right] = [x.values[0]!, x.values.at(-1)!];
        const [low, high] = [y.values[0]!, y.values.at(-1)!];
        const px = (value: number): number => MARGIN.left + ((value - left) / (right - left)) * inner.width;
        const py = (value: number): number => MARGIN.top + (1 - (value - low) / (high - low)) * inner.height;
        context.font = "12px system-ui, sans-serif";
        context.fillStyle = colors.muted;
        context.strokeStyle = colors.line;
        context.strokeRect(MARGIN.left, MARGIN.top, inner.width, inner.height);
        for (let i = 0; i <= 4; i++) {
          const [a, b] = [left + ((right - left) * i) / 4, low + ((high - low) * i) / 4];
          context.textAlign = "center";
          context.fillText(short(a), px(a), height - MARGIN.bottom + 16);
          context.textAlign = "right";
          context.fillText(short(b), MARGIN.left - 6, py(b) + 4);
        }
        context.textAlign = "center";
        context.fillText(`${x.name} (${x.unit || "1"})`, MARGIN.left + inner.width / 2, height - 6);
        context.save();
        context.translate(12, MARGIN.top + inner.height / 2);
        context.rotate(-Math.PI / 2);
        context.fillText(`${y.name} (${y.unit || "1"})`, 0, 0);
        context.restore();

        context.beginPath();
        context.rect(MARGIN.left, MARGIN.top, inner.width, inner.height);
        context.clip();
        context.strokeStyle = colors.muted;
        context.globalAlpha = 0.6;
        context.lineWidth = 1;
        for (let row = 0; row < y.values.length; row += ARROWS) {
          for (let column = 0; column < columns; column += ARROWS) {
            const i = row * columns + column;
            const ax = (dx[i]! / (right - left)) * inner.width;
            const ay = (-dy[i]! / (high - low)) * inner.height;
            const size = Math.hypot(ax, ay);
            if (!(size > 0)) continue;
            const [cx, cy, ux, uy] = [px(x.values[column]!), py(y.values[row]!), ax / size, ay / size];
            context.beginPath();
            context.moveTo(cx - 5 * ux, cy - 5 * uy);
            context.lineTo(cx + 5 * ux, cy + 5 * uy);
            context.lineTo(cx + 2 * ux + 2.5 * uy, cy + 2 * uy - 2.5 * ux);
            context.stroke();
          }
        }
        context.globalAlpha = 1;
        context.lineWidth = 2;
        for (const [field, color] of [
          [dx, colors.series[0]!],
          [dy, colors.series[1]!],
        ] as const) {
          context.strokeStyle = color;
          context.beginPath();
          for (const [ax, ay, bx, by] of zeroLines(field, columns)) {
            const at = (values: Float64Array, place: number): number => {
              const k = Math.min(values.length - 2, Math.floor(place));
              return values[k]! + (values[k + 1]! - values[k]!) * (place - k);
            };
            context.moveTo(px(at(x.values, ax)), py(at(y.values, ay)));
            context.lineTo(px(at(x.values, bx)), py(at(y.values, by)));
          }
          context.stroke();
        }
        context.strokeStyle = colors.series[2]!;
        context.lineWidth = 1.2;
        context.beginPath();
        const [first, second] = traces;
        for (let i = 0; i < first!.values.length; i++) {
          const [to, before] = [px(first!.values[i]!), px(first!.values[i - 1] ?? first!.values[i]!)];
          // A reset is a jump, not a way.
          if (Math.abs(to - before) > JUMP * inner.width) context.moveTo(to, py(second!.values[i]!));
          else context.lineTo(to, py(second!.values[i]!));
        }
        context.stroke();
      },
    [x, y, dx, dy, traces],
  );
  return (
    <Figure
      title="Phase plane"
      formulas={[`d${x.name}/dt = 0`, `d${y.name}/dt = 0`]}
      note={`With the current at its full size. Other states are at their initial values.`}
      csv={() =>
        csvOf([
          { name: x.name, values: Array.from(dx, (_, i) => x.values[i % x.values.length]!) },
          { name: y.name, values: Array.from(dx, (_, i) => y.values[Math.floor(i / x.values.length)]!) },
          { name: `d${x.name}/dt`, values: dx },
          { name: `d${y.name}/dt`, values: dy },
        ])
      }
    >
      <ul class="legend">
        <li>
          <span class="key series-1" />d{x.name}/dt = 0
        </li>
        <li>
          <span class="key series-2" />d{y.name}/dt = 0
        </li>
        <li>
          <span class="key series-3" />
          trace
        </li>
      </ul>
      <Canvas
        label={`Phase plane of ${x.name} and ${y.name} with both nullclines and the trace`}
        height={320}
        draw={draw}
      />
    </Figure>
  );
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** Segments on which a field on a grid is 0, in places of the grid: one or two per cell of four points (marching squares). */
function zeroLines(field: Float64Array, columns: number): [number, number, number, number][] {
  const lines: [number, number, number, number][] = [];
  const rows = field.length / columns;
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const [a, b, c, d] = [field[at]!, field[at + 1]!, field[at + columns + 1]!, field[at + columns]!];
      const cuts: [number, number][] = [];
      const cut = (p: number, q: number, place: (share: number) => [number, number]): void => {
        if (p < 0 !== q < 0 && Number.isFinite(p) && Number.isFinite(q)) cuts.push(place(p / (p - q)));
      };
      cut(a, b, (s) => [column + s, row]);
      cut(b, c, (s) => [column + 1, row + s]);
      cut(d, c, (s) => [column + s, row + 1]);
      cut(a, d, (s) => [column, row + s]);
      for (let k = 0; k + 1 < cuts.length; k += 2) lines.push([...cuts[k]!, ...cuts[k + 1]!]);
    }
  }
  return lines;
}
