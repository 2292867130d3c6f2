import { dataset, type ImageDataset } from "#spikevine/src/data/dataset";

/** Three classes of 12 pixels: each activates its own four, with a little noise that depends on the sample. */
export function stripes(count = 30): ImageDataset {
  const images = new Float32Array(count * 12);
  const labels = new Uint8Array(count);
  for (let s = 0; s < count; s++) {
    labels[s] = s % 3;
    for (let p = 0; p < 12; p++) {
      const noise = ((s * 7 + p * 13) % 10) / 40;
      images[s * 12 + p] = Math.floor(p / 4) === labels[s] ? 0.75 + noise : noise;
    }
  }
  return dataset({ images, labels, name: "stripes" });
}
