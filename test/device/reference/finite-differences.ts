import { type ReferenceProgram, referenceDevice } from "#spikevine/src/device/reference/index";
import { descent } from "../conformance/kernels.js";
import { type NetworkSpec, networkCase } from "../conformance/network-case.js";

/** Gradient of one tensor by the adjoint and by central differences of the loss. */
export interface GradientPair {
  readonly tensor: string;
  readonly exact: Float64Array;
  readonly numeric: Float64Array;
}

export type CheckedNetwork = Omit<NetworkSpec, "rule" | "scalars" | "updates" | "visible">;

/**
 * The gradients of every trained tensor of a network in double precision, by the adjoint and (unless only that is
 * wanted) by differences, for which the neurons' kernels must be smooth. The loss of a run is the sum over its samples,
 * as the reduction has divided them.
 */
export async function gradients(spec: CheckedNetwork, how: "both" | "exact only" = "both"): Promise<GradientPair[]> {
  const { plan, tensors, runs } = networkCase("gradients", {
    ...spec,
    // A rate of 0 leaves every tensor as it is, so that the procedure can be run again and again.
    rule: descent(),
    scalars: { rate: 0 },
    updates: 1,
    visible: false,
  });
  const device = await referenceDevice({ precision: "double" });
  const program = await device.compile(plan);
  for (const [name, data] of Object.entries(tensors)) await program.writeTensor(name, data);
  const { inputs } = runs[0]!;
  const loss = async (): Promise<number> => {
    await program.run("train", inputs);
    return (await program.readSignalDouble("train", "loss")).reduce((sum, value) => sum + value, 0);
  };
  await loss();
  const pairs: GradientPair[] = [];
  const trained = Object.keys(tensors).filter((name) => `${name}.gradient` in plan.tensors);
  const exact = new Map<string, Float64Array>();
  for (const name of trained) exact.set(name, await program.readTensorDouble(`${name}.gradient`));
  for (const tensor of trained) {
    const numeric = how === "both" ? await differences(program, tensor, loss) : new Float64Array(0);
    pairs.push({ tensor, exact: exact.get(tensor)!, numeric });
  }
  return pairs;
}

/** Steps of the central differences, coarse to fine: truncation falls, rounding and the risk of a kink grow apart. */
const STEPS = [1e-3, 1e-4, 1e-5, 1e-6] as const;

async function differences(
  program: ReferenceProgram,
  tensor: string,
  loss: () => Promise<number>,
): Promise<Float64Array> {
  const values = await program.readTensorDouble(tensor);
  const numeric = new Float64Array(values.length);
  for (let n = 0; n < values.length; n++) {
    const at = async (shift: number): Promise<number> => {
      const moved = values.slice();
      moved[n] = moved[n]! + shift;
      await program.writeTensorDouble(tensor, moved);
      return loss();
    };
    numeric[n] = await derivative(at);
  }
  await program.writeTensorDouble(tensor, values);
  return numeric;
}

/**
 * Derivative at 0 by five-point central differences (error of order h^4). Piecewise functions have kinks, and a step may
 * reach over one: of the estimates with smaller and smaller steps, the one that agrees best with the one before it wins.
 */
async function derivative(at: (shift: number) => Promise<number>): Promise<number> {
  let before: number | undefined;
  let best = Number.NaN;
  let agreement = Infinity;
  for (const h of STEPS) {
    const near = (await at(h)) - (await at(-h));
    const far = (await at(2 * h)) - (await at(-2 * h));
    const estimate = (8 * near - far) / (12 * h);
    if (before !== undefined && Math.abs(estimate - before) < agreement) {
      agreement = Math.abs(estimate - before);
      // The coarser of two that agree has less rounding in it.
      best = before;
    }
    if (agreement < 1e-9 * Math.max(Math.abs(estimate), 0.1)) break;
    before = estimate;
  }
  return best;
}

/** Norm of the difference over the norm, or 0 where both are all but nothing. */
export function relativeError({ exact, numeric }: GradientPair): number {
  let difference = 0;
  let norm = 0;
  for (let n = 0; n < exact.length; n++) {
    difference += (exact[n]! - numeric[n]!) ** 2;
    norm += exact[n]! ** 2 + numeric[n]! ** 2;
  }
  return Math.sqrt(difference) < 1e-11 * Math.sqrt(exact.length) ? 0 : Math.sqrt(difference / norm);
}
