import { delta } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { snu } from "#spikevine/neurons/index";
import { openStream } from "#spikevine/src/training/index";

/** Outputs of a small network that runs step by step, and its read-out after the last step. */
export async function steppedOutputs(): Promise<number[]> {
  const layers = [dense(12, snu({ threshold: 0.3 }), { recurrent: true }), dense(3, snu({ threshold: 0.3 }))];
  const net = network({ inputs: 5, encoder: delta({ threshold: 0.2 }), steps: 30, layers, seed: 3 });
  const stream = await openStream(net);
  const found: number[] = [];
  for (let t = 0; t < 30; t++) {
    const { output, readout } = await stream.step(Array.from({ length: 5 }, (_, i) => 2 * Math.sin(t + 1.3 * i)));
    found.push(...output);
    if (t === 29) found.push(...readout);
  }
  await stream.close();
  return found;
}
