import { rate } from "../../../encoders/index.js";
import { dense, network, spikeRate } from "../../../networks/index.js";
import { snu } from "../../../neurons/index.js";
import { sgd } from "../../../plasticity/index.js";
import { makeDigits } from "../../data/digits.js";
import type { Device } from "../../device/index.js";
import { train } from "../../training/index.js";

const BATCH = 16;
const SECONDS = 0.7;

/**
 * Measures the samples per second of training a small network, over about one second after the first batch (which compiles).
 * The device stays open.
 */
export async function measureDevice(device: Device): Promise<number> {
  const model = network({
    inputs: 784,
    encoder: rate({ maxRate: 0.3 }),
    steps: 10,
    layers: [dense(64, snu()), dense(64, snu()), dense(10, snu())],
    readout: spikeRate(),
  });
  const stop = new AbortController();
  let began: number | undefined;
  let seconds = 0;
  let batches = 0;
  await train(model, {
    data: makeDigits({ train: 8 * BATCH, test: 1 }).train,
    epochs: 10_000,
    batchSize: BATCH,
    optimizer: sgd({ learningRate: 0.01 }),
    device,
    signal: stop.signal,
    onBatch() {
      const now = performance.now();
      if (began === undefined) began = now;
      else {
        seconds = (now - began) / 1000;
        batches++;
      }
      if (seconds > SECONDS) stop.abort();
    },
  });
  return (batches * BATCH) / seconds;
}
