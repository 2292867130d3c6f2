import type { Plan } from "../contract.js";
import type { CheckedRun, Precision } from "../host/index.js";

export type Numbers = Float32Array | Float64Array;

export const allocate = (precision: Precision, length: number): Numbers =>
  precision === "double" ? new Float64Array(length) : new Float32Array(length);

/** A tensor `[rows, columns]`. */
export interface Matrix {
  readonly data: Numbers;
  readonly rows: number;
  readonly columns: number;
}

/** A signal `[batch, rows, width]`; rows are the steps or 1. */
export interface Signal {
  readonly data: Numbers;
  readonly rows: number;
  readonly width: number;
}

/** One compiled operation. */
export type CompiledOperation = (run: CheckedRun) => void;

/** Tensors and signals of one procedure. The plan has been checked, so every requested name exists. */
export interface Memory {
  readonly precision: Precision;
  readonly steps: number;
  tensor(name: string): Matrix;
  signal(name: string): Signal;
  /** True if a signal has a row per step. */
  inTime(signal: string): boolean;
}

export function allocateTensors(plan: Plan, precision: Precision): Map<string, Matrix> {
  return new Map(
    Object.entries(plan.tensors).map(([name, { rows, columns }]) => [
      name,
      { data: allocate(precision, rows * columns), rows, columns },
    ]),
  );
}

export function allocateSignals(plan: Plan, procedure: string, precision: Precision): Map<string, Signal> {
  const { batch, steps, signals } = plan.procedures[procedure]!;
  return new Map(
    Object.entries(signals).map(([name, spec]) => {
      const rows = spec.rows === "steps" ? steps : 1;
      return [name, { data: allocate(precision, batch * rows * spec.width), rows, width: spec.width }];
    }),
  );
}
