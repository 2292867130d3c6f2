import type { Network } from "../../../networks/network.js";
import type { Program, TensorSpec } from "../../device/contract.js";
import { SpikevineError } from "../../errors.js";
import { batchStatisticsOf } from "./forward.js";

/** Tensors of a network's arrays. */
export function parameterTensors(network: Network): Record<string, TensorSpec> {
  return Object.fromEntries([...network.parameters].map(([name, { rows, columns }]) => [name, { rows, columns }]));
}

/** Names of the arrays that have a gradient: all but running statistics. */
export const trainedArrays = ({ parameters }: Network): string[] =>
  [...parameters].filter(([, { isStatistic }]) => !isStatistic).map(([name]) => name);

/** Tensors of the mean and variance of a batch in every normalization of a network. */
export function batchStatistics({ nodes }: Network): Record<string, TensorSpec> {
  const tensors: Record<string, TensorSpec> = {};
  for (const node of nodes) {
    if (node.kind !== "normalize") continue;
    for (const name of Object.values(batchStatisticsOf(node.name))) {
      tensors[name] = { rows: 1, columns: node.shape.channels };
    }
  }
  return tensors;
}

/**
 * Copies a network's arrays to the device.
 * @throws SpikevineError naming array, row and column of a value that is not finite.
 */
export async function uploadParameters(network: Network, program: Program): Promise<void> {
  for (const [name, { data, columns }] of network.parameters) {
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new SpikevineError(
        `network: ${name}[${Math.floor(bad / columns)}, ${bad % columns}] is ${data[bad]}; give finite numbers.`,
      );
    }
    await program.writeTensor(name, data);
  }
}

/** Copies trained values back into the network's arrays. */
export async function downloadParameters(network: Network, program: Program): Promise<void> {
  const values = await Promise.all([...network.parameters.keys()].map((name) => program.readTensor(name)));
  [...network.parameters.values()].forEach(({ data }, i) => {
    data.set(values[i]!);
  });
}
