/**
 * Kernels written out by hand, with adjoints from the papers: they test devices without trusting the derivation of
 * kernels from equations, and the derivation can be compared with them.
 */

import type { EncoderKernel, NeuronKernel, OptimizerKernel } from "#spikevine/src/equations/kernels/kernels";
import {
  add,
  constant,
  divide,
  type Expression,
  multiply,
  ONE,
  operation,
  select,
  subtract,
  symbol,
  ZERO,
} from "#spikevine/src/equations/language/expression";

const s = symbol;
const square = (x: Expression): Expression => multiply(x, x);

/**
 * SNU with identity g: p = input + l s (1 - y); y = h(p + b); pseudo-derivative 1 - tanh(z)^2 (Wozniak et al. 2020).
 * `smooth` puts tanh, whose derivative that is, in the place of the step, so that the adjoint is exact.
 */
export function handSnu(smooth = false, surrogate: "tanh" | "window" = "tanh"): NeuronKernel {
  const z = add(s("now__s"), s("b"));
  const output = smooth ? operation("tanh", z) : operation("spike", z);
  const inside = operation("less", operation("abs", z), constant(0.3));
  const slope = surrogate === "window" ? select(inside, ONE, ZERO) : subtract(ONE, square(operation("tanh", z)));
  const now = add(s("input"), multiply(s("l"), s("s")));
  const atOutput = subtract(s("d__y__now"), multiply(s("now__s"), s("d__s__next")));
  const atArgument = multiply(atOutput, slope);
  const atNow = add(s("d__now__s"), add(atArgument, multiply(s("d__s__next"), subtract(ONE, output))));
  const fresh = add(now, s("b"));
  return {
    name: "hand-snu",
    states: ["s"],
    schemes: {},
    initial: { s: ZERO },
    parameters: ["b", "l"],
    output: smooth ? "values" : "spikes",
    step: { now__s: now, y__now: smooth ? operation("tanh", fresh) : operation("spike", fresh) },
    carry: { s: multiply(s("now__s"), subtract(ONE, output)), y: output },
    adjoint: {
      d__input: atNow,
      d__s: multiply(s("l"), atNow),
      d__y: ZERO,
      d__b: atArgument,
      d__l: multiply(s("s"), atNow),
    },
    initialAdjoint: {},
    adjointNeeds: ["now__s"],
  };
}

/** Leaky integrator with a graded output, two states: the second follows the first. No reset, no spike. */
export function handIntegrator(): NeuronKernel {
  const nowA = add(multiply(s("decay"), s("a")), s("input"));
  const nowB = add(multiply(s("decay"), s("b")), multiply(subtract(ONE, s("decay")), nowA));
  const atB = add(s("d__b__next"), add(s("d__y__now"), s("d__now__b")));
  const share = subtract(ONE, s("decay"));
  const atA = add(s("d__a__next"), add(s("d__now__a"), multiply(share, atB)));
  return {
    name: "hand-integrator",
    states: ["a", "b"],
    schemes: {},
    initial: { a: ZERO, b: constant(0.125) },
    parameters: ["decay"],
    output: "values",
    step: { now__a: nowA, now__b: nowB, y__now: nowB },
    carry: { a: s("now__a"), b: s("now__b"), y: s("now__b") },
    adjoint: {
      d__input: atA,
      d__a: multiply(s("decay"), atA),
      d__b: multiply(s("decay"), atB),
      d__y: ZERO,
      d__decay: add(multiply(s("a"), atA), multiply(subtract(s("b"), s("now__a")), atB)),
    },
    initialAdjoint: {},
    adjointNeeds: ["now__a", "now__b"],
  };
}

/** Stateless rectifier with a gain; its adjoint needs the input. */
export function handRelu(): NeuronKernel {
  const output = multiply(s("gain"), operation("relu", s("input")));
  return {
    name: "hand-relu",
    states: [],
    schemes: {},
    initial: {},
    parameters: ["gain"],
    output: "values",
    step: { y__now: output },
    carry: { y: output },
    adjoint: {
      d__input: multiply(multiply(s("gain"), operation("step", s("input"))), s("d__y__now")),
      d__y: ZERO,
      d__gain: multiply(operation("relu", s("input")), s("d__y__now")),
    },
    initialAdjoint: {},
    adjointNeeds: ["input"],
  };
}

const encoder = (
  name: string,
  output: "spikes" | "values",
  value: Expression,
  parameters: Readonly<Record<string, number>>,
  properties: { zeroIsSilent: boolean; static?: boolean },
): EncoderKernel => ({
  name,
  output,
  formulas: { value },
  zeroIsSilent: properties.zeroIsSilent,
  static: properties.static ?? false,
  parameters,
});

/** Spikes with probability x * rate per step. */
export const bernoulli = (rate: number): EncoderKernel =>
  encoder("bernoulli", "spikes", subtract(multiply(s("x"), s("rate")), s("u")), { rate }, { zeroIsSilent: true });

/** The pixel as a current, the same at every step. */
export const constantCurrent = (): EncoderKernel =>
  encoder("constant-current", "values", s("x"), {}, { zeroIsSilent: true, static: true });

/** A fresh current of both signs at every step, even where the pixel is 0. */
export const noisyCurrent = (): EncoderKernel =>
  encoder("noisy-current", "values", add(s("x"), subtract(s("u"), constant(0.5))), {}, { zeroIsSilent: false });

/** A number of both signs at three of ten steps, and 0 at the others: errors of units that are mostly far from firing. */
export const patchyCurrent = (): EncoderKernel => {
  const value = select(operation("less", s("u"), constant(0.3)), subtract(s("u"), constant(0.1)), ZERO);
  return encoder("patchy-current", "values", value, {}, { zeroIsSilent: false });
};

/** -1, 0 or 1 at every step, so that the largest values of a window are often equal. */
export const coarseCurrent = (): EncoderKernel => {
  const value = subtract(operation("floor", multiply(s("u"), constant(3))), ONE);
  return encoder("coarse-current", "values", value, {}, { zeroIsSilent: false });
};

/** One spike, later for darker pixels: uses the step and draws nothing. A zero pixel fires too, at the last step. */
export const latency = (steps: number): EncoderKernel => {
  const due = operation("floor", multiply(subtract(ONE, s("x")), s("window")));
  return encoder("latency", "spikes", operation("equal", s("t"), due), { window: steps - 1 }, { zeroIsSilent: false });
};

/** The change of the pixel since the step before. */
export const change = (): EncoderKernel =>
  encoder("change", "values", subtract(s("x"), s("x_before")), {}, { zeroIsSilent: false });

/** A spike where the pixel rises above a level. */
export const onset = (level: number): EncoderKernel => {
  const rises = operation(
    "and",
    operation("less", s("level"), s("x")),
    operation("lessEqual", s("x_before"), s("level")),
  );
  return encoder("onset", "spikes", rises, { level }, { zeroIsSilent: true });
};

/** Gradient descent; `rate` arrives with the run. */
export const descent = (): OptimizerKernel => ({
  name: "descent",
  states: [],
  uniforms: ["rate"],
  usesFactor: false,
  formulas: { weight: subtract(s("weight"), multiply(s("rate"), s("gradient"))) },
});

/** An optimizer with every feature: two states, two uniforms, the factor of the unit, a transcendental function. */
export const adaptive = (): OptimizerKernel => {
  const m = add(multiply(s("keep"), s("m")), multiply(subtract(ONE, s("keep")), s("gradient")));
  const v = operation("max", multiply(s("keep"), s("v")), operation("abs", s("gradient")));
  const pull = divide(m, add(operation("sqrt", v), constant(0.01)));
  const moved = subtract(s("weight"), multiply(multiply(s("rate"), s("factor")), operation("tanh", pull)));
  return {
    name: "adaptive",
    states: ["m", "v"],
    uniforms: ["rate", "keep"],
    usesFactor: true,
    formulas: { weight: moved, m, v },
  };
};
