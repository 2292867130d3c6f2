import { T } from "../../equations/definitions/neuron-scope.js";
import { neuronVariable } from "../../equations/definitions/neuron-variables.js";
import type { SynapseDefinition } from "../../equations/definitions/synapse.js";
import { TIME_AND_INDICES } from "../../equations/definitions/synapse-equations.js";
import type { SynapseKernel } from "../../equations/kernels/kernels.js";
import { type Expression, freeSymbols, substitute, symbol } from "../../equations/language/expression.js";
import { SpikevineError } from "../../errors.js";
import { derivedFormula } from "./derived-formula.js";
import { mapSynapseKernel } from "./map-synapse-kernel.js";
import { PopulationBuilder } from "./population-builder.js";
import type { SourceBuilder } from "./source-builder.js";
import { SynapseEnd } from "./synapse-end.js";
import { sideOf } from "./synapse-neurons.js";

type Ends = Readonly<Record<"pre" | "post", PopulationBuilder | SourceBuilder | SynapseEnd>>;

/** A kernel that reads states and parameters in place of the subexpressions of the neurons or synapses at its ends. */
export function withDerived(
  kernel: SynapseKernel,
  synapse: SynapseDefinition,
  ends: Ends,
  dt: number,
  where: string,
): SynapseKernel {
  const written = new Map<Expression, Expression>();
  for (const name of kernel.reads) {
    const { variable, side } = neuronVariable(name)!;
    const end = ends[side];
    if (!(end instanceof PopulationBuilder || end instanceof SynapseEnd)) continue;
    const formula = derivedFormula(end, variable, dt, where);
    if (formula === undefined) continue;
    const ofSide = freeSymbols([formula]).filter((used) => used !== T.name);
    const named = new Map<Expression, Expression>(ofSide.map((used) => [symbol(used), symbol(`${used}_${side}`)]));
    written.set(symbol(name), substitute(formula, named));
  }
  if (written.size === 0) return kernel;
  synapse.checkNeurons({ pre: sideOf(ends.pre), post: sideOf(ends.post) });
  const used = freeSymbols(written.values());
  const { time } = TIME_AND_INDICES;
  const names = [...kernel.reads.filter((name) => !written.has(symbol(name))), ...used.filter((name) => name !== time)];
  const clash = used.find((name) =>
    [...Object.keys(synapse.states), ...Object.keys(synapse.parameters)].includes(name),
  );
  if (clash !== undefined) {
    throw new SpikevineError(
      `${where}: plasticity/${synapse.name} has a variable "${clash}", which is also that of a neuron that it reads; give it another name.`,
    );
  }
  return {
    ...mapSynapseKernel(kernel, (e) => substitute(e, written)),
    reads: [...new Set(names)],
    given: [...new Set([...kernel.given, ...used.filter((name) => name === time)])],
  };
}
