import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeDigits } from "#spikevine/src/data/index";
import { linearAccuracy } from "./linear-classifier.js";

describe("synthetic digits", () => {
  const { train, test } = makeDigits({ train: 10_000, test: 2_000, seed: 1 });

  it("are 28 x 28 bytes with labels 0 to 9, each class about equally often", () => {
    expect(train).toMatchObject({ name: "digits", count: 10_000, pixels: 784, classes: 10, shape: [28, 28] });
    expect(train.images).toHaveLength(10_000 * 784);
    expect(test).toMatchObject({ count: 2_000 });
    const counts = new Array<number>(10).fill(0);
    for (const label of train.labels) counts[label] = counts[label]! + 1;
    for (const count of counts) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1150);
    }
  });

  it("have about as much ink as MNIST: 19 % of the pixels, mean 0.13, full black inside", () => {
    let inked = 0;
    let sum = 0;
    let full = 0;
    for (const value of train.images) {
      if (value > 0) inked++;
      if (value > 240) full++;
      sum += value;
    }
    const pixels = train.images.length;
    expect(inked / pixels).toBeGreaterThan(0.175);
    expect(inked / pixels).toBeLessThan(0.205);
    expect(sum / 255 / pixels).toBeGreaterThan(0.12);
    expect(sum / 255 / pixels).toBeLessThan(0.14);
    expect(full / inked).toBeGreaterThan(0.3);
  });

  it("lie near the middle and leave the border white", () => {
    for (let i = 0; i < 500; i++) {
      const image = train.images.subarray(i * 784, (i + 1) * 784);
      let mass = 0;
      let x = 0;
      let y = 0;
      image.forEach((value, p) => {
        mass += value;
        x += value * (p % 28);
        y += value * Math.floor(p / 28);
      });
      expect(mass).toBeGreaterThan(2000);
      expect(Math.abs(x / mass - 13.5)).toBeLessThan(4);
      expect(Math.abs(y / mass - 13.5)).toBeLessThan(4);
      expect(image[0]! + image[27]! + image[756]! + image[783]!).toBe(0);
    }
  });

  it("depend only on the seed and the sample, not on the number of samples", () => {
    const few = makeDigits({ train: 50, test: 20, seed: 1 });
    expect(few.train.images).toEqual(train.images.slice(0, 50 * 784));
    expect(few.test.labels).toEqual(test.labels.slice(0, 20));
    expect(few.test.images).toEqual(test.images.slice(0, 20 * 784));
    const other = makeDigits({ train: 50, test: 20, seed: 2 });
    expect(other.train.images).not.toEqual(few.train.images);
    expect(few.train.images.slice(0, 20 * 784)).not.toEqual(few.test.images);
  });

  it("are the same bytes everywhere", () => {
    const { train } = makeDigits({ train: 100, test: 1, seed: 7 });
    const hash = createHash("sha256").update(train.images).update(train.labels).digest("hex");
    expect(hash).toBe("77e7e3b8f0bb908d42ec146e5ffe338de74bc014e89f36f1c375fcaa7e8bb088");
  });

  it("are too hard for a linear classifier on the pixels, but far from chance", () => {
    const accuracy = linearAccuracy(train, test, 12);
    console.log(`synthetic digits: linear classifier ${(100 * accuracy).toFixed(2)} %`);
    expect(accuracy).toBeLessThan(0.97);
    expect(accuracy).toBeGreaterThan(0.7);
  }, 60_000);

  it("are drawn fast: thousands a second", () => {
    const start = performance.now();
    makeDigits({ train: 2_000, test: 1, seed: 3 });
    const perSecond = 2_000 / ((performance.now() - start) / 1000);
    console.log(`made digits: ${Math.round(perSecond)} a second`);
    expect(perSecond).toBeGreaterThan(1_000);
  });

  it.each([
    [{ train: 0 }, /digits: train is 0; give a whole number from 1/],
    [{ test: 2.5 }, /digits: test is 2.5/],
    [{ seed: -1 }, /digits: seed is -1/],
    [{ train: Number.NaN }, /digits: train is NaN/],
  ])("refuse %j", (options, message) => {
    expect(() => makeDigits(options)).toThrow(message);
  });
});
