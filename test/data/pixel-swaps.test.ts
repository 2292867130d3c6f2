import fc from "fast-check";
import { dataset, permutePixels, pixelSwaps } from "spikevine/data";
import { describe, expect, it } from "vitest";

const images = dataset({ images: Uint8Array.of(10, 11, 12, 20, 21, 22), labels: [0, 1] });

describe("pixelSwaps", () => {
  it("has every pixel once, and moves no more than two an exchange", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 300 }),
        fc.nat(),
        (pixels, exchanges, seed) => {
          const order = pixelSwaps({ pixels, exchanges, seed });
          expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: pixels }, (_, i) => i));
          expect(order.filter((pixel, place) => pixel !== place).length).toBeLessThanOrEqual(2 * exchanges);
        },
      ),
    );
  });

  it("depends on the seed", () => {
    const order = (seed: number) => pixelSwaps({ pixels: 784, exchanges: 300, seed });
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
  });

  it("leaves about exp(-2 exchanges / pixels) of the pixels where they were", () => {
    const order = pixelSwaps({ pixels: 20_000, exchanges: 10_000, seed: 3 });
    expect(order.filter((pixel, place) => pixel === place).length / 20_000).toBeCloseTo(Math.exp(-1), 1);
  });

  it("refuses an invalid number of swaps", () => {
    expect(() => pixelSwaps({ pixels: 4, exchanges: -1, seed: 1 })).toThrow("data: exchanges is -1");
  });
});

describe("permutePixels", () => {
  it("applies the same permutation to every image, and does not change the original set", () => {
    expect([...permutePixels(images, Uint32Array.of(2, 0, 1)).images]).toEqual([12, 10, 11, 22, 20, 21]);
    expect([...images.images]).toEqual([10, 11, 12, 20, 21, 22]);
  });

  it("keeps float pixels, labels and classes", () => {
    const floats = dataset({ images: Float32Array.of(0.25, 0.5), labels: [3], classes: 5 });
    const moved = permutePixels(floats, Uint32Array.of(1, 0));
    expect([...moved.images]).toEqual([0.5, 0.25]);
    expect([moved.labels, moved.classes]).toEqual([floats.labels, 5]);
  });

  it.each([[[0, 1]], [[0, 1, 1]], [[0, 1, 3]]])("refuses %j for three pixels", (order) => {
    expect(() => permutePixels(images, Uint32Array.from(order))).toThrow(/give every pixel once/);
  });
});
