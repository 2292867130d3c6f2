import { neuronsOf } from "#spikevine/networks/graph";
import type { Network } from "#spikevine/networks/index";
import type { Dataset } from "#spikevine/src/data/dataset";
import type { Device } from "#spikevine/src/device/contract";
import { batches } from "#spikevine/src/training/loop/batches";
import { forward } from "#spikevine/src/training/plan/forward";
import { batchStatistics, parameterTensors, uploadParameters } from "#spikevine/src/training/plan/parameters";
import type { Seen } from "./backpropagation.js";

/**
 * Signals of a device for the samples of a data set, with the draws of the first epoch of a training, dropout included.
 */
export async function observe(net: Network, data: Dataset, device: Device, seed: number): Promise<Seen> {
  const { steps } = net;
  const pass = forward(net, { steps, store: "all", dropout: true, stream: false });
  const procedure = { batch: data.count, steps, signals: pass.signals, operations: pass.operations };
  const program = await device.compile({
    tensors: { ...parameterTensors(net), ...batchStatistics(net), ...pass.scaled.tensors(net) },
    procedures: { observe: procedure },
  });
  await uploadParameters(net, program);
  const [batch] = batches(data, data.count, net);
  await program.run("observe", {
    samples: data.count,
    signals: { pixels: batch!.pixels },
    sampleIds: Uint32Array.from({ length: data.count }, (_, i) => i),
    seed,
    epoch: 1,
  });
  const outputs: Float32Array[] = [];
  for (const { name } of neuronsOf(net)) outputs.push(await program.readSignal("observe", `${name}.output`));
  const input = await program.readSignal("observe", "input");
  await program.dispose();
  return { input, outputs };
}
