import type { OptimizerState } from "../definitions/optimizer-spec.js";
import { type Parameters, valuesOf } from "../definitions/parameters.js";
import {
  type Expression,
  evaluate,
  type Formulas,
  freeSymbols,
  mapFormulas,
  schedule,
  substitute,
  symbol,
} from "../language/expression.js";
import type { OptimizerKernel } from "./kernels.js";

/** Names in an optimizer's formulas that belong to one synapse and are not states. */
export const SYNAPSE = ["weight", "gradient", "factor"] as const;

/** The kernel for a device, and the values that the host computes once per update. */
export interface CompiledOptimizer {
  readonly kernel: OptimizerKernel;
  /**
   * Values of the kernel's uniforms for update number `k` (from 1), in double precision. They include all expressions of
   * parameters and `k` alone (Adam's 1 - beta1^k), so these are not computed per synapse.
   * @param values Parameters that differ from the definition's own (a scheduled learning rate), and every extra.
   */
  uniforms(k: number, values?: Readonly<Record<string, number>>): Record<string, number>;
}

/** Input for the kernel of an optimizer. */
interface RuleParts {
  readonly name: string;
  readonly states: Readonly<Record<string, OptimizerState>>;
  readonly parameters: Parameters;
  readonly formulas: Formulas;
  readonly extras: readonly string[];
}

/** Replaces the largest subexpressions that are the same for every synapse by uniforms `u0`, `u1`, ... */
export function compileOptimizer(rule: RuleParts): CompiledOptimizer {
  const shared = new Set([...Object.keys(rule.parameters), ...rule.extras, "k"]);
  const uniform = new Map<Expression, boolean>();
  const hoisted: Record<string, Expression> = {};
  const replacements = new Map<Expression, Expression>();
  const taken = new Set([...SYNAPSE, ...Object.keys(rule.states)] as string[]);
  const order = schedule(Object.values(rule.formulas));
  for (const e of order) {
    if (e.kind === "operation")
      uniform.set(
        e,
        e.operands.every((operand) => uniform.get(operand)),
      );
    else uniform.set(e, e.kind === "constant" || shared.has(e.name));
  }
  const hoist = (e: Expression): void => {
    if (e.kind === "constant" || !uniform.get(e) || replacements.has(e)) return;
    let name = `u${replacements.size}`;
    while (taken.has(name)) name = `u${name}`;
    hoisted[name] = e;
    replacements.set(e, symbol(name));
  };
  for (const e of Object.values(rule.formulas)) hoist(e);
  for (const e of order) if (e.kind === "operation" && !uniform.get(e)) e.operands.forEach(hoist);
  const formulas = mapFormulas(rule.formulas, (e) => substitute(e, replacements));
  const kernel: OptimizerKernel = {
    name: rule.name,
    states: Object.keys(rule.states),
    uniforms: Object.keys(hoisted),
    usesFactor: freeSymbols(Object.values(formulas)).includes("factor"),
    formulas,
  };
  const defaults = valuesOf(rule.parameters);
  return { kernel, uniforms: (k, values = {}) => evaluate(hoisted, { ...defaults, ...values, k }) };
}
