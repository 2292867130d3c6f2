import { SpikevineError } from "../../errors.js";
import { ownValue } from "../../own-value.js";
import { derivative } from "../analysis/differentiate.js";
import { now } from "../definitions/neuron-equations.js";
import {
  constant,
  type Expression,
  type Formulas,
  freeSymbols,
  ONE,
  operation,
  substitute,
  symbol,
  ZERO,
} from "../language/expression.js";
import { divide, formalSubstitute, negate } from "../language/formal.js";
import type { NeighborKernel, NeuronKernel } from "./kernels.js";
import { type KernelSettings, type KernelSource, makeNeuronKernel, neededByAdjoint } from "./neuron-kernel.js";

/** Weight of a neighbor by its distance: 1 / distance^power, at most `largest`, with the sign of threshold - potential. */
export interface DistanceFactor {
  readonly power: number;
  readonly largest: number;
}

/** A potential that is exactly at the threshold has not fired, so its factor is positive. */
function distanceFactor(z: Expression, { power, largest }: DistanceFactor): Expression {
  const size = operation("power", operation("abs", z), constant(power));
  const bounded = operation("min", operation("divide", ONE, size), constant(largest));
  return operation("select", operation("step", z), operation("negate", bounded), bounded);
}

/**
 * The kernel of neighborhood aggregation, derived from a neuron's equations: the start of a neighboring spike train, the factor
 * of its distance, and an adjoint from the spike condition to the current. The adjoint propagates nothing through states that
 * a flipped spike changes, since the neighbor's spikes contain that effect already.
 * @throws SpikevineError if the neuron has a graded output, or no single state that reaches the threshold.
 */
export function makeNeighborKernel(
  source: KernelSource,
  settings: Omit<KernelSettings, "smooth">,
  factor: DistanceFactor,
): NeighborKernel {
  const { equations, where } = source;
  if (equations.output.kind !== "spikes") {
    throw new SpikevineError(
      `${where}: neighborhood aggregation flips spikes, but the output is graded; use a neuron with a spike.`,
    );
  }
  const surrogate = { derivative: () => ONE, smooth: (z: Expression) => z };
  const kernel = makeNeuronKernel({ ...source, surrogate }, { ...settings, smooth: false });
  const affected = affectedStates(kernel, source);
  const carried = new Map<Expression, Expression>(
    affected.flatMap((state) => [
      [symbol(`d__${state}__next`), ZERO],
      [symbol(`d__${now(state)}`), ZERO],
    ]),
  );
  const cut = [...affected, "y"].map((name) => `d__${name}`);
  const adjoint = Object.fromEntries(
    Object.entries(kernel.adjoint).map(([name, e]) => [name, cut.includes(name) ? ZERO : formalSubstitute(e, carried)]),
  );
  const z = substitute(equations.output.expression, new Map<Expression, Expression>([[symbol("dt"), settings.dt]]));
  const membrane = membraneOf(kernel, affected, z, where);
  const flipped = flippedStart(source, settings.dt, membrane, z);
  const weighting = { factor: distanceFactor(z, factor) };
  const read = freeSymbols([...Object.values(flipped), weighting.factor, kernel.carry.y!]);
  return {
    ...kernel,
    adjoint,
    adjointNeeds: neededByAdjoint(kernel.states, kernel.parameters, { carry: kernel.carry, adjoint }, settings.trained),
    flipped,
    weighting,
    neighborNeeds: kernel.states.map(now).filter((name) => read.includes(name)),
    affected,
    traces: affected.filter((state) => !reachedFrom(membrane, kernel, source).has(state)),
  };
}

/** Symbols of the output of this step in resets. */
const OUTPUT = ["y__now", "y__now__detached"];

const resetOf = ({ equations }: KernelSource, state: string): readonly string[] => {
  const reset = ownValue(equations.reset, state);
  return reset === undefined ? [now(state)] : freeSymbols([reset]);
};

/** States whose later values depend on the neuron's own spikes. */
function affectedStates({ states, step }: NeuronKernel, source: KernelSource): string[] {
  const found = new Set<string>();
  const isAffected = (state: string): boolean => {
    const update = freeSymbols([step[now(state)]!]);
    const reset = resetOf(source, state);
    return (
      update.some((name) => name === "y" || found.has(name)) ||
      reset.some((name) => OUTPUT.includes(name) || [...found].some((other) => name === now(other)))
    );
  };
  let before = -1;
  while (found.size > before) {
    before = found.size;
    for (const state of states) if (isAffected(state)) found.add(state);
  }
  return states.filter((state) => found.has(state));
}

/** The affected state that reaches the threshold; undefined if spikes change none that the threshold reads. */
function membraneOf(
  { states, step }: NeuronKernel,
  affected: readonly string[],
  z: Expression,
  where: string,
): string | undefined {
  const read = freeSymbols([z]);
  const candidates = affected.filter((state) => read.includes(now(state)));
  const driving = ["input", ...states.filter((state) => !affected.includes(state))];
  const driven = candidates.filter((state) => freeSymbols([step[now(state)]!]).some((name) => driving.includes(name)));
  const [membrane] = driven;
  const problem =
    candidates.length > 0 && driven.length !== 1
      ? `has ${driven.length === 0 ? "none" : `several (${driven.join(", ")})`}`
      : membrane !== undefined && freeSymbols([derivative(z, symbol(now(membrane)))]).includes(now(membrane))
        ? `is not linear in ${membrane}`
        : undefined;
  if (problem !== undefined) {
    throw new SpikevineError(
      `${where}: neighborhood aggregation needs one state that the current drives to a threshold linear in it, but the spike condition ${problem}; use surrogate gradients.`,
    );
  }
  return membrane;
}

/** Values from which the neighbor starts its next step: its potential is at the threshold, and its output is `y`. */
function flippedStart(
  { equations }: KernelSource,
  dt: Expression,
  membrane: string | undefined,
  z: Expression,
): Formulas {
  const moved = new Map<Expression, Expression>([
    [symbol("dt"), dt],
    ...OUTPUT.map((name): [Expression, Expression] => [symbol(name), symbol("y")]),
  ]);
  if (membrane !== undefined) {
    const potential = symbol(now(membrane));
    const offset = formalSubstitute(z, new Map<Expression, Expression>([[potential, ZERO]]));
    moved.set(potential, divide(negate(offset), derivative(z, potential)));
  }
  const start = equations.states.map((state) => [
    state,
    substitute(ownValue(equations.reset, state) ?? symbol(now(state)), moved),
  ]);
  return { ...Object.fromEntries(start), y: symbol("y") };
}

/** States that a state changes without a spike in between. */
function reachedFrom(
  membrane: string | undefined,
  { states, step }: NeuronKernel,
  source: KernelSource,
): ReadonlySet<string> {
  const found = new Set<string>(membrane === undefined ? [] : [membrane]);
  let before = -1;
  while (found.size > before) {
    before = found.size;
    for (const state of states) {
      const names = [...freeSymbols([step[now(state)]!]), ...resetOf(source, state)];
      if (names.some((name) => [...found].some((other) => name === other || name === now(other)))) found.add(state);
    }
  }
  return found;
}
