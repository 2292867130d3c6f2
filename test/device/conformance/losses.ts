import { type LossTerm, losses } from "#spikevine/losses/index";
import { isOfEveryStep, type LossInput } from "#spikevine/losses/input";
import type { Loss, SignalSpec } from "#spikevine/src/device/contract";
import type { ConformanceCase } from "./case.js";
import { bernoulli, noisyCurrent } from "./kernels.js";
import { Sketch } from "./sketch.js";

export type Reduction = "mean" | "batch" | "sum";

interface Shape {
  readonly outputs: number;
  readonly steps: number;
  readonly rows?: SignalSpec["rows"];
  readonly target?: SignalSpec["rows"];
}

/** The formulas and the divisor of a loss of the library. */
export function lossFields(
  { loss, weight }: LossTerm,
  reduction: Reduction,
  shape: Shape,
): Pick<Loss, "loss" | "divisor" | "overSamples"> {
  const kernel = loss.kernel(shape);
  const size = kernel.value.axes.reduce((product, axis) => product * shape[axis], 1);
  return { loss: kernel, divisor: (reduction === "mean" ? size : 1) / weight, overSamples: reduction !== "sum" };
}

/** A loss of the library by its name. */
export const lossNamed = (name: string): LossTerm => losses[name]!();

/** Losses of outputs by name, with the rows that each can read. */
const READ: readonly (readonly [name: string, term: LossTerm, rows: SignalSpec["rows"]])[] = Object.entries(losses)
  .filter(([, make]) => make().loss.spec.loss !== undefined)
  .flatMap(([name, make]) => {
    const term = make();
    const every = term.of !== undefined && isOfEveryStep(term.of as LossInput);
    const both = term.of === undefined ? (["sample", "steps"] as const) : ([every ? "steps" : "sample"] as const);
    return both.map((rows) => [name, term, rows] as const);
  });

/** Every loss of the library, of one value per output or of one per step, with targets of a sample or of every step. */
export function lossCases(): ConformanceCase[] {
  return READ.flatMap(([name, term, rows]) =>
    (rows === "steps" && term.loss.usesTarget ? (["sample", "steps"] as const) : (["sample"] as const)).flatMap(
      (targets) =>
        (["mean", "batch", "sum"] as const).map((reduction) => {
          const [outputs, steps] = [5, 7];
          const sketch = new Sketch(4, 3, steps);
          const spikes = sketch.encoded("fired", outputs, bernoulli(0.3));
          let from = sketch.encoded("graded", outputs, noisyCurrent(), -1, 1);
          if (name === "first-spike") {
            from = sketch.values("firedValues", outputs);
            sketch.add({ op: "add", from: [spikes], scale: 1, to: from });
          } else if (rows === "sample") {
            sketch.add({
              op: "readout",
              kind: "sum",
              scale: 1 / steps,
              from: name.startsWith("rate") ? spikes : from,
              to: sketch.values("read", outputs, "sample"),
            });
            from = "read";
          }
          const fields = lossFields(term, reduction, { outputs, steps, rows, target: targets });
          const target = targets === "steps" ? sketch.inputInTime("target", outputs) : sketch.input("target", outputs);
          sketch.add({
            op: "loss",
            ...fields,
            from,
            ...(fields.loss.target === "none" ? {} : { target }),
            gradient: sketch.values("gradient", outputs, rows),
            value: sketch.values("value", 1, "sample"),
          });
          return sketch.case(`loss ${name} of every ${rows}, targets of every ${targets}, reduction ${reduction}`);
        }),
    ),
  );
}
