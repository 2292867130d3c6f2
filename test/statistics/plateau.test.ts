import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";
import { fitPlateau } from "#spikevine/src/statistics/index";

const curve = (plateau: number, slowness: number, epochs: number): number[] =>
  Array.from({ length: epochs }, (_, i) => (plateau * (i + 1)) / (slowness + i + 1));

/** Normal to within 3.5 deviations. */
function noise(seed: number, epoch: number): number {
  const key = rowKey(seed, epoch);
  return Math.sqrt(3) * ([0, 1, 2, 3].reduce((sum, unit) => sum + drawUniform(key, unit), 0) - 2);
}

describe("the plateau equation", () => {
  it("recovers slowness and plateau of an exact curve, with error 0", () => {
    const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 3, max: 120 }), (plateau, slowness, epochs) => {
        const fit = fitPlateau(curve(plateau, slowness, epochs));
        // A nearly straight curve hardly determines its plateau: its digits are rounding errors of the sums.
        const digits = 1e-9 * Math.max(1, slowness / epochs) ** 2;
        expect(Math.abs(fit.slowness / slowness - 1)).toBeLessThan(digits * (1 + 1 / slowness));
        expect(Math.abs(fit.plateau / plateau - 1)).toBeLessThan(digits);
        expect(fit.residual).toBeLessThan(1e-12 * plateau);
      }),
    );
  });

  it("fits a literal case", () => {
    // A e / (s + e) with A 90 and s 0.5: 60, 72, 77.14...
    const fit = fitPlateau([60, 72, 540 / 7]);
    expect(fit.slowness).toBeCloseTo(0.5, 10);
    expect(fit.plateau).toBeCloseTo(90, 8);
  });

  it("is at the least squares: no neighbor fits better", () => {
    const y = curve(0.95, 0.7, 30).map((value, i) => value + 0.02 * noise(5, i));
    const { slowness, plateau } = fitPlateau(y);
    const cost = (s: number, a: number): number =>
      y.reduce((sum, v, i) => sum + (v - (a * (i + 1)) / (s + i + 1)) ** 2, 0);
    for (const [ds, da] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
      [1, 1],
      [-1, -1],
    ] as const) {
      expect(cost(slowness + 1e-4 * ds, plateau + 1e-4 * da)).toBeGreaterThan(cost(slowness, plateau));
    }
  });

  it("gives its standard errors: they equal the deviation of fits to curves that differ only by their noise", () => {
    const fits = Array.from({ length: 400 }, (_, seed) =>
      fitPlateau(curve(0.95, 0.8, 100).map((value, i) => value + 0.01 * noise(seed, i))),
    );
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const spread = (values: number[]): number => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));
    for (const [value, error, truth] of [
      ["slowness", "slownessError", 0.8],
      ["plateau", "plateauError", 0.95],
    ] as const) {
      const found = fits.map((fit) => fit[value]);
      const said = mean(fits.map((fit) => fit[error]));
      // The deviation of 400 fits is known to 1 / sqrt(800) = 3.5 %.
      expect(said / spread(found)).toBeGreaterThan(0.88);
      expect(said / spread(found)).toBeLessThan(1.12);
      expect(Math.abs(mean(found) - truth)).toBeLessThan((4 * said) / Math.sqrt(400));
    }
    expect(mean(fits.map(({ residual }) => residual))).toBeCloseTo(0.01, 3);
  });

  it("takes the covariance from the residuals and n - 2", () => {
    const y = [0.5, 0.7, 0.72, 0.8];
    const fit = fitPlateau(y);
    const at = (s: number, a: number): number[] => y.map((_, i) => (a * (i + 1)) / (s + i + 1));
    const h = 1e-5;
    const slope = (ds: number, da: number): number[] => {
      const up = at(fit.slowness + ds, fit.plateau + da);
      const down = at(fit.slowness - ds, fit.plateau - da);
      return up.map((v, i) => (v - down[i]!) / (2 * h));
    };
    const dot = (p: number[], q: number[]): number => p.reduce((sum, v, i) => sum + v * q[i]!, 0);
    const [js, ja] = [slope(h, 0), slope(0, h)];
    const residuals = at(fit.slowness, fit.plateau).map((v, i) => y[i]! - v);
    const variance = dot(residuals, residuals) / 2;
    const determinant = dot(js, js) * dot(ja, ja) - dot(js, ja) ** 2;
    expect(fit.residual).toBeCloseTo(Math.sqrt(variance), 10);
    expect(fit.slownessError).toBeCloseTo(Math.sqrt((variance * dot(ja, ja)) / determinant), 6);
    expect(fit.plateauError).toBeCloseTo(Math.sqrt((variance * dot(js, js)) / determinant), 6);
  });

  it("scales with the unit of the accuracy", () => {
    const y = curve(0.9, 2, 20).map((value, i) => value + 0.01 * noise(1, i));
    const [share, percent] = [fitPlateau(y), fitPlateau(y.map((value) => 100 * value))];
    expect(percent.slowness).toBeCloseTo(share.slowness, 9);
    expect(percent.slownessError).toBeCloseTo(share.slownessError, 9);
    expect(percent.plateau).toBeCloseTo(100 * share.plateau, 7);
    expect(percent.plateauError).toBeCloseTo(100 * share.plateauError, 7);
  });

  it("gives a falling curve a slowness below 0 and a level one none", () => {
    expect(fitPlateau([0.9, 0.8, 0.77, 0.75]).slowness).toBeLessThan(0);
    expect(fitPlateau([0.9, 0.9, 0.9]).slowness).toBeCloseTo(0, 9);
  });

  it.each<[number[], string]>([
    [[0.5, 0.6], "plateau: accuracies has 2 epochs; give at least 3"],
    [[0.5, Number.NaN, 0.6], "plateau: accuracies[1] is NaN; give finite numbers."],
    [[0, 0, 0], "accuracies are all 0"],
    [[0.1, 0.2, 0.3, 0.4], "still rises as a straight line"],
    [[0.1, 0.3, 0.9, 2.7], "still rises as a straight line"],
    [[1, 0, 0, 0], "falls away from the first epoch"],
  ])("refuses %j", (accuracies, message) => expect(() => fitPlateau(accuracies)).toThrow(message));
});
