// Trains and evaluates on every device that is always there, and disposes of none of them.
import { dense, evaluate, makeDigits, network, openDevice, rate, sgd, snu, train } from "spikevine";

const { train: data } = makeDigits({ train: 20, test: 1 });
for (const name of ["simd", "gpujs:cpu", "reference"]) {
  const { device } = await openDevice(name, { threads: 3 });
  const net = network({ inputs: 784, encoder: rate(), steps: 2, layers: [dense(10, snu())] });
  await train(net, { data, epochs: 1, optimizer: sgd(), device });
  await evaluate(net, data, { device });
}
console.log("trained");
