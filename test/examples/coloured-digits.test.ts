import { makeDigits } from "spikevine";
import { describe, expect, it } from "vitest";
import { colouredDigits } from "#spikevine/examples/coloured-digits";

describe("colouredDigits", () => {
  it("draws the digits brighter than their background in every channel, within 32 x 32 pixels", () => {
    const { train, test } = colouredDigits({ train: 20, test: 3 });
    const grey = makeDigits({ train: 20, test: 3 }).train;
    expect(train.shape).toEqual([3, 32, 32]);
    expect([train.images.length, test.images.length]).toEqual([20 * 3072, 3 * 3072]);
    expect(train.labels).toEqual(grey.labels);
    const backgrounds = new Set<number>();
    for (let plane = 0; plane < 60; plane++) {
      const of = train.images.subarray(plane * 1024, (plane + 1) * 1024);
      backgrounds.add(of[0]!);
      const image = grey.images.subarray(Math.floor(plane / 3) * 784, (Math.floor(plane / 3) + 1) * 784);
      const brightest = image.indexOf(255);
      if (brightest < 0) continue;
      const at = (Math.floor(brightest / 28) + 2) * 32 + (brightest % 28) + 2;
      expect(of[at]).toBeGreaterThanOrEqual(128);
      expect(of[0]).toBeLessThan(128);
      expect(of[at]).toBe(Math.max(...of));
    }
    expect(backgrounds.size).toBeGreaterThan(20);
  });
});
