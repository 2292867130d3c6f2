import type { Operation, SignalSpec } from "../../device/contract.js";
import type { EncoderKernel, NeuronKernel } from "../../equations/kernels/kernels.js";
import { add, constant, multiply, symbol, ZERO } from "../../equations/language/expression.js";
import { STREAM } from "../../random/counter.js";
import { normalQuantile } from "./normal.js";

/** An encoder that turns every 1 into a Gaussian number with this standard deviation. */
const gaussian = (deviation: number): EncoderKernel => ({
  name: "gaussian noise",
  output: "values",
  formulas: { value: multiply(symbol("x"), multiply(constant(deviation), normalQuantile(symbol("u")))) },
  zeroIsSilent: false,
  static: false,
  parameters: {},
});

/**
 * The adjoint of a unit without memory is a formula over signals, row by row, on every device. This formula adds the
 * unit's stored input to its error.
 */
const SUM: NeuronKernel = {
  name: "sum",
  states: [],
  initial: {},
  parameters: [],
  output: "values",
  schemes: {},
  step: { y__now: symbol("input") },
  carry: { y: symbol("input") },
  initialAdjoint: {},
  adjoint: { d__input: add(symbol("d__y__now"), symbol("input")), d__y: ZERO },
  adjointNeeds: ["input"],
};

/**
 * Adds Gaussian noise to the current of a layer, keyed by seed, epoch, sample, step and unit.
 * @returns the name of the noisy signal, rows "steps"
 */
export function addNoise(
  { layer, index, current, deviation }: { layer: string; index: number; current: string; deviation: number },
  signals: Record<string, SignalSpec>,
  operations: Operation[],
): string {
  const { width } = signals[current]!;
  const signal = (what: string, rows: SignalSpec["rows"]): string => {
    const name = `${layer}.${what}`;
    signals[name] = { kind: "values", width, rows, role: "scratch" };
    return name;
  };
  // A dropout mask that drops nothing is a row of ones.
  const ones = signal("ones", "sample");
  operations.push({ op: "dropoutMask", keep: 1, layer: index, to: ones });
  const noise = signal("noise", "steps");
  operations.push({
    op: "encode",
    encoder: gaussian(deviation),
    stream: STREAM.activationNoise + index,
    from: ones,
    to: noise,
  });
  const to = signal("noisyCurrent", "steps");
  operations.push({
    op: "adjointScan",
    neuron: SUM,
    parameters: {},
    stored: { input: noise },
    errors: [{ signal: current, at: "every", of: "output", scale: 1 }],
    to,
    parameterErrors: {},
  });
  return to;
}
