import type { Procedure } from "../contract.js";

/** The arithmetic of the largest signal of a procedure, for messages: `layer1.output: 64 samples x 25 steps x 6,912 values`. */
export function largestSignal({ batch, steps, signals }: Procedure): string {
  const rowsOf = (rows: "steps" | "sample"): number => (rows === "steps" ? steps : 1);
  const [name, { rows, width }] = Object.entries(signals).reduce((a, b) =>
    rowsOf(b[1].rows) * b[1].width > rowsOf(a[1].rows) * a[1].width ? b : a,
  );
  const inTime = rows === "steps" ? ` x ${steps} steps` : "";
  return `${name}: ${batch} samples${inTime} x ${width.toLocaleString("en")} values`;
}
