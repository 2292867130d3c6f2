import { adjoint } from "../analysis/differentiate.js";
import {
  constant,
  divide,
  type Expression,
  freeSymbols,
  type NamedSymbol,
  ONE,
  operation,
  select,
  substitute,
  subtract,
  symbol,
  ZERO,
} from "../language/expression.js";
import { add, multiply, subtract as subtractFormally } from "../language/formal.js";
import type { ReductionName } from "../language/syntax.js";
import type { LossAxis, LossKernel, LossReduction } from "./kernels.js";

const Y = symbol("y");

/** Symbol of the index along an axis. */
const INDEX: Readonly<Record<LossAxis, NamedSymbol>> = { outputs: symbol("n"), steps: symbol("t") };

/** A value that the equation names and that needs more than one element: the result of a function of all outputs or steps. */
interface Node {
  readonly symbol: NamedSymbol;
  readonly kind: "sum" | "max" | "logSoftmax";
  readonly over: LossAxis;
  /** The operand, over its axes. */
  readonly of: Expression;
  readonly axes: readonly LossAxis[];
  /** For logSoftmax: exp(x - largest) / sum, for the derivative. */
  readonly softmax?: Expression;
}

export interface LossShape {
  readonly outputs: number;
  readonly steps: number;
  readonly rows: LossKernel["rows"];
  readonly target: LossKernel["target"];
}

/** Builds the kernel of a loss: first the equation with its reductions, then the adjoint from the value back to y. */
export class LossBuilder {
  readonly #shape: LossShape;
  readonly #axes = new Map<string, readonly LossAxis[]>();
  readonly #nodes: Node[] = [];
  readonly #reductions: LossReduction[] = [];
  /** Formulas of the values of logSoftmax, which have no reduction of their own. */
  readonly #formulas = new Map<Expression, Expression>();

  /** @param shape Sizes and rows of y and of the target. */
  constructor(shape: LossShape) {
    this.#shape = shape;
    const axesOf = (rows: LossKernel["target"]): LossAxis[] => (rows === "steps" ? ["steps", "outputs"] : ["outputs"]);
    this.#axes.set("y", axesOf(shape.rows));
    this.#axes.set("target", axesOf(shape.target));
    this.#axes.set("n", ["outputs"]);
    this.#axes.set("t", ["steps"]);
  }

  /**
   * The value of a function of all outputs or steps.
   * @returns undefined if the operand does not depend on the axis
   */
  reduce(name: ReductionName, of: Expression): Expression | undefined {
    const over: LossAxis = name.endsWith("OverSteps") ? "steps" : "outputs";
    const axes = this.#axesOf(of);
    if (!axes.includes(over)) return undefined;
    if (name === "logSoftmax") return this.#logSoftmax(of, axes);
    const kind = name.startsWith("largest") ? "max" : "sum";
    const result = this.#reduction(kind, [over], of, axes);
    this.#nodes.push({ symbol: result, kind, over, of, axes });
    return name.startsWith("mean") ? divide(result, constant(this.#shape[over])) : result;
  }

  kernel(name: string, value: Expression): LossKernel {
    const axes = this.#axesOf(value);
    const reductions = [...this.#reductions];
    const gradient = this.#adjoint(value, axes);
    return {
      name,
      rows: this.#shape.rows,
      target: this.#shape.target,
      reductions,
      value: { axes, formula: this.#complete(value) },
      gradientReductions: this.#reductions.slice(reductions.length),
      gradient: this.#complete(gradient),
    };
  }

  /** (x - largest) - log(sum of exp(x - largest)): no exponential overflows, and the sum is at least 1. */
  #logSoftmax(x: Expression, axes: readonly LossAxis[]): Expression {
    const shifted = subtract(x, this.#reduction("max", ["outputs"], x, axes));
    const exponential = operation("exp", shifted);
    const total = this.#reduction("sum", ["outputs"], exponential, axes);
    const result = symbol(`r${this.#axes.size}`);
    this.#axes.set(result.name, axes);
    this.#formulas.set(result, subtract(shifted, operation("log", total)));
    const softmax = divide(exponential, total);
    this.#nodes.push({ symbol: result, kind: "logSoftmax", over: "outputs", of: x, axes, softmax });
    return result;
  }

  #reduction(
    kind: LossReduction["kind"],
    over: readonly LossAxis[],
    formula: Expression,
    axes: readonly LossAxis[],
  ): NamedSymbol {
    const result = symbol(`r${this.#axes.size}`);
    this.#axes.set(
      result.name,
      axes.filter((axis) => !over.includes(axis)),
    );
    this.#reductions.push({ name: result.name, kind, axes, over, formula: this.#complete(formula) });
    return result;
  }

  #axesOf(e: Expression): LossAxis[] {
    const found = new Set(freeSymbols([e]).flatMap((name) => this.#axes.get(name) ?? []));
    return (["steps", "outputs"] as const).filter((axis) => found.has(axis));
  }

  /** The expression with the values of logSoftmax as formulas. */
  #complete(e: Expression): Expression {
    let result = e;
    // A later value may be a formula of an earlier one.
    for (const [name, formula] of [...this.#formulas].reverse()) {
      result = substitute(result, new Map<Expression, Expression>([[name, formula]]));
    }
    return result;
  }

  /** dL/dy: from the value back through the nodes, each after all that read it. */
  #adjoint(value: Expression, axes: readonly LossAxis[]): Expression {
    const errors = new Map<Expression, Expression>();
    const nodes = this.#nodes.map((node) => node.symbol);
    /** Adds the contributions of one expression, of elements of these axes, to the errors of the values that it reads. */
    const propagate = (e: Expression, of: readonly LossAxis[], seed: Expression): void => {
      const read = [Y, ...nodes];
      const gradients = adjoint([{ expression: e, seed }], read);
      read.forEach((variable, i) => {
        const gradient = gradients[i]!;
        if (gradient === ZERO) return;
        const own = this.#axes.get(variable.name)!;
        const missing = of.filter((axis) => !own.includes(axis));
        const arriving = missing.length === 0 ? gradient : this.#reduction("sum", missing, gradient, of);
        errors.set(variable, add(errors.get(variable) ?? ZERO, arriving));
      });
    };
    propagate(value, axes, ONE);
    for (const node of [...this.#nodes].reverse()) {
      const error = errors.get(node.symbol);
      if (error !== undefined) propagate(node.of, node.axes, this.#throughNode(node, error));
    }
    return errors.get(Y) ?? ZERO;
  }

  /** The error at the operand of a node. */
  #throughNode({ kind, over, of, axes, softmax }: Node, error: Expression): Expression {
    if (kind === "sum") return error;
    if (kind === "max") {
      const first = this.#reduction("argmax", [over], of, axes);
      return select(operation("equal", INDEX[over], first), error, ZERO);
    }
    // Errors that add up to S are moved by the softmax times -S.
    const sum = this.#reduction("sum", ["outputs"], error, axes);
    return subtractFormally(error, multiply(softmax!, sum));
  }
}
