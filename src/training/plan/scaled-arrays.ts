import type { Network } from "../../../networks/network.js";
import type { Operation, TensorSpec, Update } from "../../device/contract.js";
import { constant, type Expression, multiply, symbol } from "../../equations/language/expression.js";

/** A copy of an array times a number, made for every batch: weights that read the spikes that a dropout left on. */
export interface ScaledArray {
  readonly tensor: string;
  readonly factor: number;
}

/** Scaled copies of arrays, by the name of the array. */
export class ScaledArrays {
  readonly #copies = new Map<string, ScaledArray>();

  /** Operations that make the copies. */
  readonly operations: Operation[] = [];

  /** Name of the tensor to read in place of an array; `factor` 1 is the array itself. */
  scale(array: string, factor: number): string {
    if (factor === 1) return array;
    const tensor = `${array}.scaled`;
    this.#copies.set(array, { tensor, factor });
    this.operations.push(elementwise(tensor, array, multiply(symbol("gradient"), constant(factor))));
    return tensor;
  }

  /** Name of the tensor that the forward pass has read in place of an array. */
  of(array: string): string {
    return this.#copies.get(array)?.tensor ?? array;
  }

  /** Turns the gradient of a copy, in the tensor `gradient`, into that of its array. */
  gradient(array: string, gradient: string): Operation[] {
    const copy = this.#copies.get(array);
    if (copy === undefined) return [];
    return [elementwise(gradient, array, multiply(symbol("weight"), constant(copy.factor)))];
  }

  tensors({ parameters }: Network): Record<string, TensorSpec> {
    return Object.fromEntries(
      [...this.#copies].map(([array, { tensor }]) => {
        const { rows, columns } = parameters.get(array)!;
        return [tensor, { rows, columns }];
      }),
    );
  }
}

/** An update of a tensor by a formula over its value (`weight`) and that of another of the same shape (`gradient`). */
const elementwise = (tensor: string, other: string, weight: Expression): Update => ({
  op: "update",
  rule: { name: "scale", states: [], uniforms: [], usesFactor: false, formulas: { weight } },
  weight: tensor,
  gradient: other,
  states: {},
  uniforms: {},
});
