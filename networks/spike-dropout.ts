import { SpikevineError } from "../src/errors.js";
import { type GraphNode, neuronsOf, sourcesOf } from "./graph.js";

/**
 * Per node, the number by which readers of its output multiply it in training: dropout switches spikes off and leaves the
 * others as bits, so their factor 1 / (1 - dropout) belongs to the weights that read them. 1 for everything else.
 * @throws SpikevineError naming a layer with dropout on spikes that something other than weights reads.
 */
export function spikeFactors(nodes: readonly GraphNode[]): readonly number[] {
  const factors: number[] = [];
  const output = neuronsOf({ nodes }).at(-1);
  for (const node of nodes) {
    const read = sourcesOf(node).map((source) => factors[source]!);
    const differing = read.find((factor) => factor !== read[0]);
    if (differing !== undefined) {
      throw new SpikevineError(
        `network: ${node.name} adds outputs of layers of spikes with and without dropout; give all of them the same dropout.`,
      );
    }
    const factor = read[0] ?? 1;
    if (factor !== 1 && (node.kind === "normalize" || node.kind === "neurons")) {
      throw new SpikevineError(
        `network: ${node.name} reads spikes of a layer with dropout without weights between them; put a layer with weights there, or leave out the dropout.`,
      );
    }
    if (node.kind === "neurons") {
      const drops = node.neuron.output === "spikes" && node.dropout > 0;
      if (drops && node === output) {
        throw new SpikevineError(
          `network: the dropout of ${node.name} is ${node.dropout}, but the read-out needs every spike of the output layer; leave it out there.`,
        );
      }
      factors.push(drops ? 1 / (1 - node.dropout) : 1);
    } else factors.push(node.kind === "map" ? 1 : factor);
  }
  return factors;
}
