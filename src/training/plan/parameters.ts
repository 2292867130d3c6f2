import type { Network } from "../../../networks/network.js";
import type { Program, TensorSpec } from "../../device/contract.js";
import { SpikevineError } from "../../errors.js";

/** Tensors of a network's trained arrays. */
export function parameterTensors(network: Network): Record<string, TensorSpec> {
  return Object.fromEntries([...network.parameters].map(([name, { rows, columns }]) => [name, { rows, columns }]));
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
