import { setFlagsFromString } from "node:v8";
import { rate } from "../../../encoders/index.js";
import { dense, network } from "../../../networks/index.js";
import { snu } from "../../../neurons/index.js";
import { sgd } from "../../../plasticity/index.js";
import { dataset } from "../../data/index.js";
import { openDevice } from "../../device/index.js";
import { predict, train } from "../../training/index.js";

const [SAMPLES, INPUTS, UNITS, CLASSES] = [16, 24, 40, 4];

/** V8's own bytes of code that run before it optimizes a function; the same since Node 22. */
const USUAL_BUDGET = 13_000_000;

/**
 * Trains and tests a small network on `simd` and on another device, and compares all weights and outputs.
 * @returns true if every bit is the same
 * @throws SpikevineError if the other device cannot be opened
 */
export async function givesBitsOfSimd(name: string): Promise<boolean> {
  await (await openDevice(name, { threads: 1 })).device.dispose();
  const expected = await results("simd");
  // Code is widened when V8 optimizes it, which it would not do within so short a test.
  setFlagsFromString("--wasm-sync-tier-up");
  setFlagsFromString("--wasm-tiering-budget=1");
  try {
    return expected.equals(await results(name));
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${USUAL_BUDGET}`);
    setFlagsFromString("--no-wasm-sync-tier-up");
  }
}

/** All bytes of the weights after two updates, and of the outputs for every sample. */
async function results(name: string): Promise<Buffer> {
  const data = dataset({
    images: Float32Array.from({ length: SAMPLES * INPUTS }, (_, i) => ((i * 37) % 101) / 101),
    labels: Uint8Array.from({ length: SAMPLES }, (_, i) => i % CLASSES),
    classes: CLASSES,
  });
  const model = network({
    inputs: INPUTS,
    encoder: rate({ maxRate: 0.6 }),
    steps: 5,
    layers: [UNITS, CLASSES].map((units) => dense(units, snu({ threshold: 0.2 }))),
    seed: 3,
  });
  const { device } = await openDevice(name, { threads: 1 });
  try {
    await train(model, { data, epochs: 1, batchSize: SAMPLES / 2, optimizer: sgd({ learningRate: 0.3 }), device });
    const { scores } = await predict(model, data, { device });
    const arrays = [...[...model.parameters.values()].map(({ data: weights }) => weights), scores];
    return Buffer.concat(arrays.map((array) => new Uint8Array(Float32Array.from(array).buffer)));
  } finally {
    await device.dispose();
  }
}
