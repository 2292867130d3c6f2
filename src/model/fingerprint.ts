import { neuronsOf } from "../../networks/graph.js";
import type { Network } from "../../networks/index.js";
import { NETWORK } from "../../networks/network.js";
import { OPTIMIZER, type Optimizer, optimizerChain } from "../../plasticity/optimizer.js";
import { named, optional, signature, text } from "../arguments/index.js";
import { withoutGuards } from "../equations/analysis/differentiate.js";
import { emitStatements } from "../equations/kernels/emit-javascript.js";
import type { Formulas } from "../equations/language/expression.js";
import { sha256 } from "./hash.js";

const checkNetwork = signature("fingerprints", { network: NETWORK, optimizer: optional(OPTIMIZER) });
const checkChanged = signature("diffDefinitions", {
  was: named(text(), "an object from definitions to their hashes"),
  network: NETWORK,
});

/**
 * Hashes of the formulas of definitions, by the place where they are used, e.g. `layer1 (neurons/snu)`. Two definitions
 * with the same hash compute the same values, whatever their text; values of trained parameters and of learning rates
 * do not count.
 */
export function fingerprints(network: Network, optimizer?: Optimizer): Record<string, string> {
  checkNetwork([network, optimizer]);
  const { encoder, dt } = network;
  const sums: Record<string, string> = {};
  const code = encoder.kernel({ dt });
  sums[`encoder (encoders/${encoder.name})`] = sha256(formulasText(code.formulas), JSON.stringify(code.parameters));
  for (const { name: layer, neuron, trainable: train } of neuronsOf(network)) {
    const trained = Object.keys(train).filter((parameter) => train[parameter] !== "fixed");
    const { initial, step, carry, adjoint } = neuron.kernel({ dt, trained });
    const fixed = Object.entries(neuron.parameters).filter(([name]) => !trained.includes(name));
    const values = JSON.stringify(fixed.map(([name, { value }]) => [name, value]));
    const chain = [initial, step, carry, withoutAllGuards(adjoint)].map(formulasText);
    sums[`${layer} (neurons/${neuron.name})`] = sha256(...chain, values);
  }
  if (optimizer !== undefined) {
    const chain = optimizerChain(optimizer);
    const transforms = chain.transforms.map(({ name, equation }) => `${name}: ${equation}`).join("\n");
    const text = [formulasText(chain.optimizer.formulas), transforms, chain.modulation?.name ?? ""].join("\n");
    sums[`optimizer (plasticity/${chain.optimizer.name})`] = sha256(text);
  }
  return sums;
}

const withoutAllGuards = (formulas: Formulas): Formulas =>
  Object.fromEntries(Object.entries(formulas).map(([name, e]) => [name, withoutGuards(e)]));

/** Formulas as statements. Their length grows with the number of operations, not with the number of uses of each. */
function formulasText(formulas: Formulas): string {
  const { statements, results } = emitStatements(formulas, { symbol: (name) => name });
  return [...statements, JSON.stringify(results)].join("\n");
}

/** Definitions of a network whose hashes differ from the given ones. */
export function diffDefinitions(was: Readonly<Record<string, string>>, network: Network): string[] {
  checkChanged([was, network]);
  const is = fingerprints(network);
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((part) => was[part] !== is[part]);
}
