import type { ImageDataset } from "#spikevine/src/data/index";

/**
 * Test accuracy of a multinomial logistic regression on the pixels: plain SGD, one sample at a time, with a learning
 * rate that falls along half a cosine. The best epoch counts, so that the bar is not too low.
 */
export function linearAccuracy(train: ImageDataset, test: ImageDataset, epochs: number, learningRate = 0.01): number {
  const { pixels, classes } = train;
  const weights = new Float32Array(pixels * classes);
  const biases = new Float32Array(classes);
  const scores = new Float64Array(classes);

  const score = (images: ArrayLike<number>, sample: number): void => {
    scores.set(biases);
    for (let p = 0; p < pixels; p++) {
      const value = images[sample * pixels + p]! / 255;
      if (value !== 0) for (let c = 0; c < classes; c++) scores[c] = scores[c]! + value * weights[p * classes + c]!;
    }
  };

  const accuracy = (): number => {
    let right = 0;
    for (let i = 0; i < test.count; i++) {
      score(test.images, i);
      if (scores.indexOf(Math.max(...scores)) === test.labels[i]) right++;
    }
    return right / test.count;
  };

  let best = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = (learningRate / 2) * (1 + Math.cos((Math.PI * epoch) / epochs));
    for (let k = 0; k < train.count; k++) {
      // 7919 is a prime: a walk through all samples in a scattered order.
      const i = (k * 7919 + epoch) % train.count;
      score(train.images, i);
      const largest = Math.max(...scores);
      let sum = 0;
      for (let c = 0; c < classes; c++) {
        scores[c] = Math.exp(scores[c]! - largest);
        sum += scores[c]!;
      }
      for (let c = 0; c < classes; c++) {
        scores[c] = rate * (scores[c]! / sum - (train.labels[i] === c ? 1 : 0));
        biases[c] = biases[c]! - scores[c]!;
      }
      for (let p = 0; p < pixels; p++) {
        const value = train.images[i * pixels + p]! / 255;
        if (value === 0) continue;
        for (let c = 0; c < classes; c++) {
          const at = p * classes + c;
          weights[at] = weights[at]! - value * scores[c]!;
        }
      }
    }
    best = Math.max(best, accuracy());
  }
  return best;
}
