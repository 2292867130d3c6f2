import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { type Expression, freeSymbols, schedule, symbol, ZERO } from "../language/expression.js";
import { formalSubstitute } from "../language/formal.js";
import type { Syntax } from "../language/syntax.js";
import { type Dimension, parseUnit, scaleDimension } from "../language/units.js";

/** Unit of white noise, whose integral over a time t has the variance t. */
export const NOISE_UNIT: Dimension = scaleDimension(parseUnit("ms", "xi").dimension, -0.5);

/** Tells if a name is that of a white noise: `xi`, or `xi_1` and so on for independent ones. */
export const isNoise = (name: string): boolean => /^xi(_[A-Za-z0-9]+)*$/.test(name);

/** Tells if a noise is the same for all synapses. */
export const isShared = (name: string): boolean => name === "xi_shared" || name.startsWith("xi_shared_");

/** Names of noise in an equation that the definition itself does not have. */
export function noiseNames(syntax: Syntax, own: { has(name: string): boolean }): string[] {
  if (syntax.kind === "name") return !own.has(syntax.name) && isNoise(syntax.name) ? [syntax.name] : [];
  return syntax.kind === "call" ? syntax.operands.flatMap((operand) => noiseNames(operand, own)) : [];
}

/** A rate of change dx/dt = drift + sum of amplitude xi. */
export interface NoisyRate {
  readonly drift: Expression;
  /** By the name of the noise. */
  readonly amplitudes: Readonly<Record<string, Expression>>;
}

/**
 * Takes a rate of change apart.
 * @param noise Names of noise among the symbols.
 * @throws SpikevineError if the rate is not linear in its noise.
 */
export function splitNoise(rate: Expression, noise: readonly string[], where: string): NoisyRate {
  const own = freeSymbols([rate]).filter((name) => noise.includes(name));
  const silent = new Map<Expression, Expression>(own.map((name) => [symbol(name), ZERO]));
  const amplitudes = own.map((name): [string, Expression] => {
    const amplitude = derivative(rate, symbol(name));
    const inner = freeSymbols([amplitude]).find((other) => noise.includes(other));
    if (inner === undefined) return [name, amplitude];
    throw new SpikevineError(
      `${where} is not linear in "${inner}"; make the noise a factor of a term, e.g. sigma * xi.`,
    );
  });
  return {
    drift: own.length === 0 ? rate : formalSubstitute(rate, silent),
    amplitudes: Object.fromEntries(amplitudes),
  };
}

/**
 * Checks that noises are factors of terms. Within a condition they would have no meaning.
 * @throws SpikevineError naming the noise.
 */
export function requireLinearNoise(rate: Expression, noise: readonly string[], where: string): void {
  splitNoise(rate, noise, where);
  for (const e of schedule([rate])) {
    if (e.kind !== "operation" || !NEVER_LINEAR.has(e.operator)) continue;
    const inner = freeSymbols(e.operator === "select" ? [e.operands[0]!] : [e]).find((name) => noise.includes(name));
    if (inner === undefined) continue;
    throw new SpikevineError(
      `${where} is not linear in "${inner}"; make the noise a factor of a term, e.g. sigma * xi.`,
    );
  }
}

/** Operations whose derivative does not show that they depend on their operands; of a choice, the condition. */
const NEVER_LINEAR: ReadonlySet<string> = new Set([
  "select",
  "step",
  "sign",
  "abs",
  "floor",
  "min",
  "max",
  "relu",
  "less",
  "lessEqual",
  "equal",
  "and",
  "or",
  "not",
]);
