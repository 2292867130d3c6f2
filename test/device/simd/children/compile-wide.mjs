// Runs the simd device before, while and after wide ones are open, and prints a heading before each. With
// --print-wasm-code the engine prints below it what it compiled.
import { dense, network, openDevice, rate, sgd, snu, train } from "spikevine";
import { dataset } from "spikevine/data";

const data = dataset({ images: new Float32Array(8 * 64).fill(0.5), labels: new Uint8Array(8), classes: 10 });

/** A different number of units gives different code, so that nothing is reused from an earlier run. */
async function run(heading, device, units) {
  console.log(`=== ${heading}`);
  const net = network({ inputs: 64, encoder: rate(), steps: 4, layers: [dense(units, snu()), dense(10, snu())] });
  await train(net, { data, epochs: 1, optimizer: sgd(), device });
}

const open = async (name) => (await openDevice(name, { threads: 1 })).device;

const narrow = await open("simd");
await run("before", narrow, 64);
const [wide, other] = [await open("simd:wide"), await open("simd:wide")];
// The plan of "before", whose code is still cached.
await run("wide", wide, 64);
await wide.dispose();
await wide.dispose();
await run("the other is still open", other, 96);
await other.dispose();
await run("after", narrow, 128);
await narrow.dispose();
