import { useMemo, useRef, useState } from "preact/hooks";
import { Canvas } from "../charts/canvas.js";
import type { Palette } from "../charts/colors.js";
import { drawing, presentDrawing, SIDE } from "./state.js";

const SIZE = 280;
/** Radius of the pen, in pixels of the image. */
const PEN = 1.35;

/** A sheet to draw on with mouse, finger or pen; by keyboard with the arrow keys and the space bar. */
export function Pad() {
  const [pen, setPen] = useState<{ readonly x: number; readonly y: number } | undefined>(undefined);
  const last = useRef<{ x: number; y: number } | undefined>(undefined);
  const image = drawing.value;
  const draw = useMemo(
    () =>
      (context: CanvasRenderingContext2D, { width }: { width: number }, colors: Palette) => {
        const side = width / SIDE;
        context.fillStyle = colors.ink;
        image.forEach((value, i) => {
          if (value === 0) return;
          context.globalAlpha = value;
          context.fillRect((i % SIDE) * side, Math.floor(i / SIDE) * side, side + 0.5, side + 0.5);
        });
        context.globalAlpha = 1;
        if (pen === undefined) return;
        context.strokeStyle = colors.series[1]!;
        context.lineWidth = 2;
        context.strokeRect((pen.x - 0.5) * side, (pen.y - 0.5) * side, 2 * side, 2 * side);
      },
    [image, pen],
  );
  const stroke = (from: { x: number; y: number }, to: { x: number; y: number }): void => {
    drawing.value = inked(drawing.value, from, to);
  };
  const place = (event: PointerEvent): { x: number; y: number } => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * SIDE - 0.5,
      y: ((event.clientY - box.top) / box.height) * SIDE - 0.5,
    };
  };
  return (
    <div
      class="pad"
      style={{ maxWidth: `${SIZE}px` }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the sheet is drawn on by keyboard, as its label explains.
      tabIndex={0}
      role="application"
      aria-label="Sheet for a digit. Arrow keys move the pen, space draws, with shift and arrows you draw a line, Enter shows the drawing to the network, Delete clears."
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        last.current = place(event);
        stroke(last.current, last.current);
      }}
      onPointerMove={(event) => {
        if (last.current === undefined) return;
        const next = place(event);
        stroke(last.current, next);
        last.current = next;
      }}
      onPointerUp={() => {
        last.current = undefined;
        void presentDrawing();
      }}
      onPointerCancel={() => {
        last.current = undefined;
      }}
      onBlur={() => setPen(undefined)}
      onKeyDown={(event) => {
        const at = pen ?? { x: 14, y: 6 };
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
        if (step !== undefined) {
          const next = { x: within(at.x + step[0]!), y: within(at.y + step[1]!) };
          if (event.shiftKey) stroke(at, next);
          setPen(next);
        } else if (event.key === " ") stroke(at, at);
        else if (event.key === "Enter") void presentDrawing();
        else if (event.key === "Delete" || event.key === "Backspace") {
          drawing.value = new Float32Array(SIDE * SIDE);
          void presentDrawing();
        } else return;
        event.preventDefault();
      }}
    >
      <Canvas label="The drawing" height={SIZE} draw={draw} />
    </div>
  );
}

const within = (value: number): number => Math.min(SIDE - 1, Math.max(0, value));

/** The image with a line of soft ink. */
function inked(image: Float32Array, from: { x: number; y: number }, to: { x: number; y: number }): Float32Array {
  const next = image.slice();
  const steps = Math.max(1, Math.ceil(3 * Math.hypot(to.x - from.x, to.y - from.y)));
  for (let s = 0; s <= steps; s++) {
    const x = from.x + ((to.x - from.x) * s) / steps;
    const y = from.y + ((to.y - from.y) * s) / steps;
    for (let row = Math.floor(y - 3); row <= y + 3; row++) {
      for (let column = Math.floor(x - 3); column <= x + 3; column++) {
        if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
        const ink = Math.min(1, Math.max(0, PEN + 0.5 - Math.hypot(column - x, row - y)));
        const i = row * SIDE + column;
        next[i] = Math.max(next[i]!, ink);
      }
    }
  }
  return next;
}
