import { rate } from "#spikevine/encoders/index";
import { dense, network } from "#spikevine/networks/index";
import { snu } from "#spikevine/neurons/index";
import { grapes, sgd } from "#spikevine/plasticity/index";
import { elasticTransform, randomAffine } from "#spikevine/src/data/augmentation/index";
import { dataset } from "#spikevine/src/data/dataset";
import { simdDevice } from "#spikevine/src/device/simd/index";
import { train } from "#spikevine/src/training/index";

/** Trained weights of a small network with GRAPES whose images are augmented (or not) where training is called. */
export async function trainedWeights(augmented: boolean): Promise<number[]> {
  const [count, classes, shape] = [30, 3, [8, 6]] as const;
  const images = Float32Array.from({ length: count * 48 }, (_, i) => ((i * 7919) % 101) / 101);
  const data = dataset({ images, labels: Array.from({ length: count }, (_, i) => i % classes), shape });
  const layers = [12, 9, classes].map((units) => dense(units, snu()));
  const net = network({ inputs: 48, encoder: rate(), steps: 5, layers, seed: 3 });
  const device = await simdDevice({ threads: 1 });
  await train(net, {
    data,
    epochs: 3,
    batchSize: 8,
    optimizer: [grapes(), sgd({ learningRate: 0.1 })],
    device,
    augment: augmented
      ? [randomAffine({ rotation: 20, translation: 1 }), elasticTransform({ sigma: 2, alpha: 5 })]
      : [],
  });
  await device.dispose();
  return [...net.parameters.get("layer1.weights")!.data];
}
