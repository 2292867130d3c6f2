import type { SynapseKernel } from "../../equations/kernels/kernels.js";
import { type Expression, mapFormulas } from "../../equations/language/expression.js";

/** The formulas of a kernel after the same change of every expression. */
export const mapSynapseKernel = (
  kernel: SynapseKernel,
  change: (expression: Expression) => Expression,
): SynapseKernel => ({
  ...kernel,
  step: mapFormulas(kernel.step, change),
  pathways: kernel.pathways.map((pathway) => ({ ...pathway, changes: mapFormulas(pathway.changes, change) })),
  derived: mapFormulas(kernel.derived, change),
  summed: mapFormulas(kernel.summed, change),
  growths: mapFormulas(kernel.growths, change),
  stiffness: mapFormulas(kernel.stiffness, change),
});
