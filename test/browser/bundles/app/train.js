/** The page whose weight is limited: training, as the README shows it. */
import { dataset, dense, evaluate, grapes, network, rate, sgd, snu, train } from "spikevine";

export async function trained() {
  const labels = Uint8Array.from({ length: 40 }, (_, sample) => sample % 2);
  const images = Float32Array.from({ length: 40 * 16 }, (_, i) => (i % 2 === Math.floor(i / 16) % 2 ? 1 : 0));
  const data = dataset({ images, labels });
  const net = network({ inputs: 16, encoder: rate(), steps: 8, layers: [dense(8, snu()), dense(2, snu())] });
  await train(net, { data, epochs: 5, optimizer: [grapes(), sgd({ learningRate: 0.5 })] });
  return (await evaluate(net, data)).accuracy;
}
globalThis.trained = trained;
