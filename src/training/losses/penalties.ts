import type { LossTerm } from "../../../losses/term.js";
import type { Network } from "../../../networks/network.js";
import type { Operation } from "../../device/contract.js";
import { compileFormulas } from "../../device/host/index.js";
import type { OptimizerKernel, PenaltyKernel } from "../../equations/kernels/kernels.js";
import { add, constant, type Expression, multiply, substitute, symbol } from "../../equations/language/expression.js";
import { layersOf } from "./placed-terms.js";

/** Penalties of the weights of a network: their derivatives as operations, their value on the host. */
export interface PenaltyPlan {
  /** Adds the derivatives to the gradients. They come after the gradients and before everything that reads them. */
  readonly operations: readonly Operation[];
  /** Names of the weights whose penalty is more than 0, for `value`. */
  readonly weights: readonly string[];
  /** The value of every term of the loss, 0 for those that are not penalties. */
  values(weightsOf: (name: string) => ArrayLike<number>): number[];
}

/**
 * The penalties among the terms of a loss.
 * @param gradientOf Name of the gradient of a parameter.
 * @throws SpikevineError for a layer that the network does not have.
 */
export function penaltyPlan(
  network: Network,
  terms: readonly LossTerm[],
  gradientOf: (parameter: string) => string,
): PenaltyPlan {
  const penalties = terms.flatMap((term, index) => {
    if (term.loss.spec.penalty === undefined) return [];
    const kernel = term.loss.penalty();
    return [{ index, factor: term.weight, kernel, penaltyOf: sumOf(kernel), weights: weightsOf(network, term) }];
  });
  const operations = penalties.flatMap(({ factor, kernel, weights }) =>
    weights.map(
      (name): Operation => ({
        op: "update",
        rule: addingRule(kernel, factor),
        weight: gradientOf(name),
        gradient: name,
        states: {},
        uniforms: {},
      }),
    ),
  );
  return {
    operations,
    weights: [...new Set(penalties.flatMap(({ weights }) => weights))],
    values(read) {
      const values = terms.map(() => 0);
      for (const { index, factor, penaltyOf, weights } of penalties) {
        values[index] = factor * weights.reduce((sum, name) => sum + penaltyOf(read(name)), 0);
      }
      return values;
    },
  };
}

/** Weights of the layers of a term: feed-forward and recurrent. */
function weightsOf(network: Network, term: LossTerm): string[] {
  const arrays = [...network.parameters.keys()].filter((name) => /\.(weights|recurrent)$/.test(name));
  const layerOf = (array: string): string => array.slice(0, array.lastIndexOf("."));
  const layers = layersOf(term, [...new Set(arrays.map(layerOf))], network);
  return arrays.filter((array) => layers.includes(layerOf(array)));
}

/** The elementwise update of a gradient by the derivative of a penalty: its `weight` is the gradient, its `gradient` the weight. */
function addingRule(penalty: PenaltyKernel, factor: number): OptimizerKernel {
  const atWeight = new Map<Expression, Expression>([[symbol("weight"), symbol("gradient")]]);
  const derivative = multiply(constant(factor), substitute(penalty.gradient, atWeight));
  return {
    name: penalty.name,
    states: [],
    uniforms: [],
    usesFactor: false,
    formulas: { weight: add(symbol("weight"), derivative) },
  };
}

/** Sum of a penalty over the weights of an array. */
function sumOf({ value }: PenaltyKernel): (weights: ArrayLike<number>) => number {
  const compute = compileFormulas({ value }, ["weight"], ["value"], "double");
  const symbols = new Float64Array(1);
  const result = new Float64Array(1);
  return (weights) => {
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      symbols[0] = weights[i]!;
      compute(symbols, result);
      sum += result[0]!;
    }
    return sum;
  };
}
