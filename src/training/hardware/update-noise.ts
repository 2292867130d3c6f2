import {
  add,
  constant,
  type Expression,
  type Formulas,
  multiply,
  subtract,
  symbol,
} from "../../equations/language/expression.js";
import { parseEquation } from "../../equations/language/parse.js";
import { drawBits, rowKey, STREAM } from "../../random/counter.js";
import { normalQuantile } from "./normal.js";
import type { Hardware } from "./options.js";

/**
 * Three congruential generators x' = a x mod m per synapse. Their products stay below 2^24, so single precision holds
 * them exactly and all devices draw the same numbers, at the cost of three states per synapse. Half a unit in the
 * quotient keeps an inexact division on the right side of a whole number. The fractional part of the sum of x/m is
 * uniform; its period is 7e12. Source: B. Wichmann and I. Hill, Applied Statistics 31 (1982) 188-190 (AS 183).
 */
const GENERATORS = [
  { state: "draw__1", a: 171, m: 30269 },
  { state: "draw__2", a: 172, m: 30307 },
  { state: "draw__3", a: 170, m: 30323 },
] as const;

/** The generators after one draw, and the normal number drawn. */
export function drawNormal(): { readonly states: Formulas; readonly normal: Expression } {
  const states: Record<string, Expression> = {};
  for (const { state, a, m } of GENERATORS) {
    const next = `${a} * x - ${m} * floor((${a} * x + 0.5) / ${m})`;
    states[state] = parseEquation(next, new Map([["x", symbol(state)]]), "update noise");
  }
  const sum = GENERATORS.map(({ state, m }) => multiply(states[state]!, constant(1 / m))).reduce(add);
  const uniform = parseEquation("sum - floor(sum)", new Map([["sum", sum]]), "update noise");
  return { states, normal: normalQuantile(uniform) };
}

/** Initial states of the generators of a matrix of synapses, by state: whole numbers from 1 to m - 1. */
export function generatorStarts(seed: number, matrix: number, synapses: number): Map<string, Float32Array> {
  return new Map(
    GENERATORS.map(({ state, m }, generator) => {
      const key = rowKey(seed, STREAM.updateNoise, matrix, generator, 0);
      return [state, Float32Array.from({ length: synapses }, (_, i) => 1 + (drawBits(key, i) % (m - 1)))];
    }),
  );
}

/** Noisy weight after an update that would change `before` to `after`. */
export function noisyUpdate(before: Expression, after: Expression, normal: Expression, hardware: Hardware): Expression {
  const noise = multiply(constant(hardware.updateNoise ?? 0), normal);
  if (hardware.updateNoiseKind === "absolute") return add(after, noise);
  return add(before, multiply(subtract(after, before), add(constant(1), noise)));
}
