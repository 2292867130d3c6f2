import type { Network } from "../../networks/network.js";
import type { Program, TensorSpec } from "../device/contract.js";

/** The tensors of a network's trained arrays. */
export function parameterTensors(network: Network): Record<string, TensorSpec> {
  return Object.fromEntries([...network.parameters].map(([name, { rows, columns }]) => [name, { rows, columns }]));
}

/** Copies a network's arrays to the device. */
export async function uploadParameters(network: Network, program: Program): Promise<void> {
  for (const [name, { data }] of network.parameters) await program.writeTensor(name, data);
}

/** Copies trained values back into the network's arrays. */
export async function downloadParameters(network: Network, program: Program): Promise<void> {
  const values = await Promise.all([...network.parameters.keys()].map((name) => program.readTensor(name)));
  [...network.parameters.values()].forEach(({ data }, i) => {
    data.set(values[i]!);
  });
}
