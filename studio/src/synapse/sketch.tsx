import { useMemo, useRef, useState } from "preact/hooks";
import { change } from "../app/link.js";
import { Canvas } from "../charts/canvas.js";
import type { Palette } from "../charts/colors.js";
import { DURATION, LARGEST, POINTS, readGradient, writeGradient } from "./settings.js";
import { settings } from "./state.js";

const HEIGHT = 140;

/** The gradient over time, drawn with the mouse or a finger; by keyboard, left and right choose a time, up and down its value. */
export function Sketch() {
  const text = settings.value.gradient;
  const values = useMemo(() => readGradient(text), [text]);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const last = useRef<{ place: number; value: number } | undefined>(undefined);
  const draw = useMemo(
    () =>
      (context: CanvasRenderingContext2D, { width, height }: { width: number; height: number }, colors: Palette) => {
        const step = width / POINTS;
        const y = (value: number): number => height / 2 - (value / LARGEST) * (height / 2 - 8);
        context.fillStyle = colors.line;
        context.fillRect(0, height / 2, width, 1);
        context.fillStyle = colors.series[0]!;
        context.globalAlpha = 0.15;
        values.forEach((value, i) => {
          const [left, right] = [Math.round(i * step), Math.round((i + 1) * step)];
          context.fillRect(left, Math.min(y(0), y(value)), right - left, Math.abs(y(value) - y(0)));
        });
        context.globalAlpha = 1;
        context.strokeStyle = colors.series[0]!;
        context.lineWidth = 2;
        context.beginPath();
        values.forEach((value, i) => {
          context.lineTo(i * step, y(value));
          context.lineTo((i + 1) * step, y(value));
        });
        context.stroke();
        if (chosen === undefined) return;
        context.strokeStyle = colors.series[1]!;
        context.strokeRect(chosen * step, 2, step, height - 4);
      },
    [values, chosen],
  );
  const put = (next: readonly number[]): void => change(settings, { gradient: writeGradient(next) });
  const at = (event: PointerEvent): { place: number; value: number } => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const place = Math.min(POINTS - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * POINTS)));
    const share = (event.clientY - box.top - HEIGHT / 2) / (HEIGHT / 2 - 8);
    return { place, value: Math.min(LARGEST, Math.max(-LARGEST, -share * LARGEST)) };
  };
  const stroke = (from: { place: number; value: number }, to: { place: number; value: number }): void => {
    const next = [...readGradient(settings.peek().gradient)];
    const [left, right] = from.place <= to.place ? [from, to] : [to, from];
    for (let k = left.place; k <= right.place; k++) {
      const share = right.place === left.place ? 1 : (k - left.place) / (right.place - left.place);
      next[k] = right.place === left.place ? to.value : left.value + (right.value - left.value) * share;
    }
    put(next);
  };
  return (
    <div
      class="pad sketch"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the curve is drawn by keyboard, too, as its label explains.
      tabIndex={0}
      role="application"
      aria-label={`The gradient over ${DURATION} ms. Left and right choose a time, up and down change its value.`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        last.current = at(event);
        stroke(last.current, last.current);
      }}
      onPointerMove={(event) => {
        if (last.current === undefined) return;
        const next = at(event);
        stroke(last.current, next);
        last.current = next;
      }}
      onPointerUp={() => {
        last.current = undefined;
      }}
      onPointerCancel={() => {
        last.current = undefined;
      }}
      onBlur={() => setChosen(undefined)}
      onKeyDown={(event) => {
        const place = chosen ?? 0;
        const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        const rise = { ArrowUp: 0.1, ArrowDown: -0.1 }[event.key];
        if (steps !== undefined) setChosen(chosen === undefined ? 0 : Math.min(POINTS - 1, Math.max(0, place + steps)));
        else if (rise !== undefined) {
          const value = Math.min(LARGEST, Math.max(-LARGEST, values[place]! + rise));
          setChosen(place);
          put(values.map((old, i) => (i === place ? value : old)));
        } else return;
        event.preventDefault();
      }}
    >
      <Canvas label="The drawn gradient" height={HEIGHT} draw={draw} />
    </div>
  );
}
