import { setTimeout } from "node:timers/promises";

/** A figure that only settings and seed decide. */
const figure = ({ settings, seed }) => settings.gain * 10 + seed;

export async function measure(point, { report }) {
  report(0.5);
  if (point.settings.fails) throw new Error("this point cannot be done");
  return { metrics: { figure: figure(point) }, curves: { line: [1, 2, figure(point)] } };
}

/** Ends its thread. */
export function die() {
  process.exit(3);
}

/** Ends when it is told to, with something that looks like a result. */
export async function untilStopped(_point, { signal }) {
  while (!signal.aborted) await setTimeout(5);
  return { metrics: { figure: -1 } };
}

/** Does not hear that it is stopped. */
export function stubborn() {
  for (;;);
}

/** A point that takes a moment. */
export async function slow(point) {
  await setTimeout(60);
  return { metrics: { figure: figure(point) } };
}

export const nothing = () => undefined;
export const notANumber = () => ({ metrics: { figure: Number.NaN, other: 1 } });
