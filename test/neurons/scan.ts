import type { NeuronKernel } from "#spikevine/src/equations/kernels/kernels";
import { evaluate, type Formulas, freeSymbols } from "#spikevine/src/equations/language/expression";

type Values = Readonly<Record<string, number>>;

/** Values at the beginning of a step: every state and `y`. */
export type Start = Values;

export interface ScanRecord {
  readonly outputs: readonly number[];
  /** For each step: `now__v` of every state and `input`. */
  readonly stored: readonly Values[];
  /** For each step: the values at the beginning of the next one. */
  readonly carries: readonly Start[];
}

export const initialStart = (kernel: NeuronKernel, parameters: Values): Start => ({
  ...evaluate(kernel.initial, parameters),
  y: 0,
});

/** One neuron over time in double precision, by the contract of kernels.ts. */
export function scan(kernel: NeuronKernel, parameters: Values, currents: readonly number[], start: Start): ScanRecord {
  const outputs: number[] = [];
  const stored: Values[] = [];
  const carries: Start[] = [];
  let from = start;
  for (const input of currents) {
    const { y__now, ...states } = evaluate(kernel.step, { ...parameters, ...from, input });
    outputs.push(y__now!);
    stored.push({ ...states, input });
    from = evaluate(kernel.carry, { ...parameters, ...states, input });
    carries.push(from);
  }
  return { outputs, stored, carries };
}

export interface ScanGradients {
  readonly currents: readonly number[];
  /** dL/d of the first step's states and y. */
  readonly start: Values;
  readonly parameters: Values;
}

/**
 * The adjoint of `scan` for L = sum of errors * outputs + stateErrors * stored states. It sees of the forward scan only
 * what `adjointNeeds` names, so a missing name fails here.
 */
export function adjointScan(
  kernel: NeuronKernel,
  parameters: Values,
  record: ScanRecord,
  start: Start,
  errors: readonly number[],
  stateErrors: Readonly<Record<string, readonly number[]>> = {},
): ScanGradients {
  const currents: number[] = [];
  const sums: Record<string, number> = Object.fromEntries(kernel.parameters.map((p) => [p, 0]));
  const kept = (t: number): Values =>
    Object.fromEntries(kernel.adjointNeeds.map((name) => [name, record.stored[t]![name]!]));
  const carry = (values: Values): Values => evaluate(within(kernel.carry, Object.keys(values)), values);
  let next: Record<string, number> = Object.fromEntries(kernel.states.map((s) => [`d__${s}__next`, 0]));
  let nextOutput = 0;
  for (let t = errors.length - 1; t >= 0; t--) {
    const from = t === 0 ? start : carry({ ...parameters, ...kept(t - 1) });
    const atState = Object.fromEntries(kernel.states.map((s) => [`d__now__${s}`, stateErrors[s]?.[t] ?? 0]));
    const seeds = { ...next, ...atState, d__y__now: errors[t]! + nextOutput };
    const g = evaluate(kernel.adjoint, { ...parameters, ...kept(t), ...from, ...seeds });
    currents.unshift(g.d__input!);
    for (const p of kernel.parameters) sums[p]! += g[`d__${p}`]!;
    next = Object.fromEntries(kernel.states.map((s) => [`d__${s}__next`, g[`d__${s}`]!]));
    nextOutput = g.d__y!;
  }
  const states = kernel.states.map((s): [string, number] => [s, next[`d__${s}__next`]!]);
  return { currents, start: { ...Object.fromEntries(states), y: nextOutput }, parameters: sums };
}

/** The formulas whose symbols all have values. */
const within = (formulas: Formulas, known: readonly string[]): Formulas =>
  Object.fromEntries(
    Object.entries(formulas).filter(([, e]) => freeSymbols([e]).every((name) => known.includes(name))),
  );
