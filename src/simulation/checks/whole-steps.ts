import { SpikevineError } from "../../errors.js";

/** Number of steps in a time, without rounding errors of the division: 0.35 ms are 3.5 steps of 0.1 ms. */
const stepsIn = (time: number, dt: number): number => Number((time / dt).toPrecision(12));

/** The step nearest to a time, both in ms; of two equally near, the later one. */
export const nearestStep = (time: number, dt: number): number => Math.round(stepsIn(time, dt));

/**
 * A time as a whole number of steps, both in ms. It is not rounded, since the durations of several runs must add up.
 * @param shown The time as given.
 * @throws SpikevineError naming the field and the two nearest valid times.
 */
export function wholeSteps(time: number, dt: number, where: string, shown: number | string): number {
  const steps = stepsIn(time, dt);
  const nearest = Math.round(steps);
  const isNone = nearest === 0 && time !== 0;
  if (!isNone && Math.abs(steps - nearest) <= 1e-6 * Math.max(1, 1e-4 * nearest)) return nearest;
  const inMs = (count: number): string => `${Number((count * dt).toPrecision(12))} ms`;
  const [below, above] = [Math.floor(steps), Math.ceil(steps)];
  const advice = below < 1 ? inMs(above) : `${inMs(below)} or ${inMs(above)}`;
  const given = typeof shown === "number" ? `${shown} ms` : shown;
  throw new SpikevineError(
    `${where} is ${given}, which is ${Number(steps.toPrecision(6))} steps of ${dt} ms; give ${advice}.`,
  );
}
