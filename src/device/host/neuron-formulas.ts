import { chooseByConditions } from "../../equations/analysis/differentiate.js";
import type { NeuronKernel } from "../../equations/kernels/kernels.js";
import { type Formulas, isCondition } from "../../equations/language/expression.js";

/** Formulas of a neuron with choices instead of products with conditions; its own output is 1 at a spike. */
export const neuronFormulas = (neuron: Pick<NeuronKernel, "step">, formulas: Formulas): Formulas =>
  chooseByConditions(formulas, isCondition(neuron.step.y__now!) ? ["y"] : []);
