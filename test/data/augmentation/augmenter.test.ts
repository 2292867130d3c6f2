import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AffineDraw, affineMap, drawAffine } from "#spikevine/src/data/augmentation/affine-map";
import { resample } from "#spikevine/src/data/augmentation/augmenter";
import { ElasticField } from "#spikevine/src/data/augmentation/elastic-field";
import { type Augmentation, Augmenter, elasticTransform, randomAffine } from "#spikevine/src/data/index";
import { drawUniform, rowKey } from "#spikevine/src/random/counter";

const STILL: AffineDraw = { rotation: 0, scaleX: 1, scaleY: 1, shear: 0, shiftX: 0, shiftY: 0 };

/** A picture put through one draw, rows of numbers in and out. */
function through(picture: readonly (readonly number[])[], change: Partial<AffineDraw>): number[][] {
  const [height, width] = [picture.length, picture[0]!.length];
  const result = new Float32Array(height * width);
  resample(Float32Array.from(picture.flat()), result, height, width, affineMap({ ...STILL, ...change }));
  return picture.map((_, row) => Array.from(result.subarray(row * width, (row + 1) * width)));
}
const rounded = (rows: number[][]): number[][] => rows.map((row) => row.map((v) => Math.round(v * 1e6) / 1e6 + 0));

const random = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => drawUniform(rowKey(seed), i));

const picture = [
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
];

describe("the affine map", () => {
  it.each<[string, Partial<AffineDraw>, number[][]]>([
    [
      "shift right by 1",
      { shiftX: 1 },
      [
        [0, 1, 2],
        [0, 4, 5],
        [0, 7, 8],
      ],
    ],
    [
      "shift down by 1",
      { shiftY: 1 },
      [
        [0, 0, 0],
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      "shift left by a half",
      { shiftX: -0.5 },
      [
        [1.5, 2.5, 1.5],
        [4.5, 5.5, 3],
        [7.5, 8.5, 4.5],
      ],
    ],
    [
      "a quarter turn clockwise",
      { rotation: 90 },
      [
        [7, 4, 1],
        [8, 5, 2],
        [9, 6, 3],
      ],
    ],
    [
      "half a turn",
      { rotation: 180 },
      [
        [9, 8, 7],
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      "twice as wide",
      { scaleX: 2 },
      [
        [1.5, 2, 2.5],
        [4.5, 5, 5.5],
        [7.5, 8, 8.5],
      ],
    ],
    [
      "half as high",
      { scaleY: 0.5 },
      [
        [0, 0, 0],
        [4, 5, 6],
        [0, 0, 0],
      ],
    ],
    [
      "a lean of the top to the right by a pixel",
      { shear: 45 },
      [
        [0, 1, 2],
        [4, 5, 6],
        [8, 9, 0],
      ],
    ],
    // Scaled first: 4 5 6 becomes 4.5 5 5.5 along x, then x goes down.
    [
      "scaling before a turn",
      { scaleX: 2, rotation: 90 },
      [
        [7.5, 4.5, 1.5],
        [8, 5, 2],
        [8.5, 5.5, 2.5],
      ],
    ],
  ])("%s", (_, change, expected) => expect(rounded(through(picture, change))).toEqual(expected));

  it("shifts after it has turned", () => {
    expect(rounded(through(picture, { rotation: 90, shiftX: 1 }))).toEqual([
      [0, 7, 4],
      [0, 8, 5],
      [0, 9, 6],
    ]);
  });

  it("draws evenly over the range of each change", () => {
    const wanted = randomAffine({ rotation: 15, scale: 0.2, shear: 10, translation: 3 });
    const draws = Array.from({ length: 4000 }, (_, i) => drawAffine(wanted, rowKey(7, i)));
    for (const [name, middle, most] of [
      ["rotation", 0, 15],
      ["scaleX", 1, 0.2],
      ["scaleY", 1, 0.2],
      ["shear", 0, 10],
      ["shiftX", 0, 3],
      ["shiftY", 0, 3],
    ] as const) {
      const share = draws.map((draw) => (draw[name] - middle) / most);
      expect(Math.max(...share.map(Math.abs))).toBeLessThanOrEqual(1);
      const mean = share.reduce((a, b) => a + b) / share.length;
      const square = share.reduce((a, b) => a + b * b, 0) / share.length;
      // A uniform draw in [-1, 1] has mean 0 and mean square 1/3; four standard errors each.
      expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(1 / 3 / 4000));
      expect(Math.abs(square - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / 4000));
    }
    const product = draws.reduce((sum, { scaleX, scaleY }) => sum + (scaleX - 1) * (scaleY - 1), 0) / 4000;
    expect(Math.abs(product) / 0.04).toBeLessThan(4 / 3 / Math.sqrt(4000));
  });
});

describe("the elastic field", () => {
  const fields = 3000;
  const side = 24;

  /** Calls with many fields in turn. */
  function overFields(sigma: number, alpha: number, look: (field: ElasticField) => void): void {
    const field = new ElasticField(elasticTransform({ sigma, alpha }), side, side);
    for (let i = 0; i < fields; i++) {
      field.draw(rowKey(11, i));
      look(field);
    }
  }

  it.each([
    [4, 34],
    [6, 38],
    [2, 10],
    [1, 3],
  ])("displaces as smoothed noise does (sigma %d, alpha %d)", (sigma, alpha) => {
    let squares = 0;
    let norms = 0;
    let sum = 0;
    overFields(sigma, alpha, ({ dx, dy }) => {
      for (let i = 0; i < dx.length; i++) {
        sum += dx[i]! + dy[i]!;
        squares += dx[i]! ** 2 + dy[i]! ** 2;
        norms += Math.hypot(dx[i]!, dy[i]!);
      }
    });
    const pixels = fields * side * side;
    // Uniform noise in [-1, 1] has variance 1/3; a Gaussian of width sigma leaves 1 / (4 pi sigma^2) of it.
    const deviation = alpha * Math.sqrt(1 / 3 / (4 * Math.PI * sigma ** 2));
    expect(Math.sqrt(squares / (2 * pixels)) / deviation).toBeGreaterThan(0.97);
    expect(Math.sqrt(squares / (2 * pixels)) / deviation).toBeLessThan(1.03);
    // The length of a vector of two normal displacements.
    expect(norms / pixels / (deviation * Math.sqrt(Math.PI / 2))).toBeGreaterThan(0.96);
    expect(norms / pixels / (deviation * Math.sqrt(Math.PI / 2))).toBeLessThan(1.04);
    expect(Math.abs(sum / (2 * pixels)) / deviation).toBeLessThan(0.05);
  });

  it("displaces every position alike, because its grid has a random offset per image", () => {
    const columns = new Float64Array(side);
    const rows = new Float64Array(side);
    overFields(1.5, 10, ({ dx, dy }) => {
      for (let i = 0; i < dx.length; i++) {
        columns[i % side]! += dx[i]! ** 2 + dy[i]! ** 2;
        rows[Math.floor(i / side)]! += dx[i]! ** 2 + dy[i]! ** 2;
      }
    });
    // On a grid that stays, the squares between its points are 0.92 of those on them.
    for (const places of [columns, rows]) expect(Math.min(...places) / Math.max(...places)).toBeGreaterThan(0.95);
  });

  it("is correlated between pixels as smoothed noise is, along both axes and in every place", () => {
    const sigma = 3;
    const lags = [0, 1, 2, 3, 5, 8, 12];
    const [alongX, alongY, apart] = [lags.map(() => 0), lags.map(() => 0), lags.map(() => 0)];
    overFields(sigma, 20, ({ dx, dy }) => {
      for (let row = 0; row < 12; row++) {
        for (let column = 0; column < 12; column++) {
          const i = row * side + column;
          lags.forEach((lag, k) => {
            alongX[k]! += dx[i]! * dx[i + lag]!;
            alongY[k]! += dx[i]! * dx[i + lag * side]!;
            apart[k]! += dx[i]! * dy[i + lag]!;
          });
        }
      }
    });
    lags.forEach((lag, k) => {
      const theory = Math.exp(-(lag ** 2) / (4 * sigma ** 2));
      expect(Math.abs(alongX[k]! / alongX[0]! - theory), `lag ${lag}`).toBeLessThan(0.04);
      expect(Math.abs(alongY[k]! / alongY[0]! - theory), `lag ${lag}`).toBeLessThan(0.04);
      expect(Math.abs(apart[k]! / alongX[0]!)).toBeLessThan(0.04);
    });
  });

  it("has splines that are as correlated as the Gaussian to within 0.025", () => {
    // The spline, sampled: its correlation with itself at a distance, in cells of sigma * sqrt(3).
    const spline = (x: number): number => {
      const a = Math.abs(x);
      return a >= 2 ? 0 : a >= 1 ? (2 - a) ** 3 / 6 : (4 - 6 * a * a + 3 * a ** 3) / 6;
    };
    const step = 0.01;
    const overlap = (lag: number): number => {
      let sum = 0;
      for (let x = -2; x <= 2; x += step) sum += spline(x) * spline(x - lag) * step;
      return sum;
    };
    expect(overlap(0)).toBeCloseTo(151 / 315, 4);
    for (let lag = 0; lag <= 4; lag += 0.1) {
      const gaussian = Math.exp(-((lag * Math.sqrt(3)) ** 2) / 4);
      const along = overlap(lag) / overlap(0);
      expect(Math.abs(along - gaussian)).toBeLessThan(0.025);
      // At an angle of 45 degrees both axes have that lag.
      expect(Math.abs(along ** 2 - gaussian ** 2)).toBeLessThan(0.025);
    }
  });
});

describe("the augmenter", () => {
  const both: Augmentation[] = [
    randomAffine({ rotation: 20, scale: 0.2, shear: 10, translation: 3 }),
    elasticTransform(),
  ];
  const ids = (...numbers: number[]): Uint32Array => Uint32Array.from(numbers);

  it("changes nothing at zero", () => {
    const images = random(3 * 30, 1);
    const given = images.slice();
    new Augmenter({ augmentations: [randomAffine(), elasticTransform({ alpha: 0 })], shape: [5, 6], seed: 1 }).apply(
      images,
      ids(0, 1, 2),
      1,
    );
    expect(images).toEqual(given);
  });

  it("draws by seed, epoch and sample alone", () => {
    const image = random(64, 2);
    const augmented = (sample: number, epoch: number, seed: number, beside: number[] = []): Float32Array => {
      const images = new Float32Array(64 * (beside.length + 1));
      for (let i = 0; i <= beside.length; i++) images.set(image, 64 * i);
      new Augmenter({ augmentations: both, shape: [8, 8], seed }).apply(images, ids(...beside, sample), epoch);
      return images.slice(-64);
    };
    const first = augmented(5, 1, 9);
    expect(first).not.toEqual(image);
    expect(augmented(5, 1, 9, [3, 4])).toEqual(first);
    expect(augmented(6, 1, 9)).not.toEqual(first);
    expect(augmented(5, 2, 9)).not.toEqual(first);
    expect(augmented(5, 1, 10)).not.toEqual(first);
  });

  it.each(["first", "last"] as const)(
    "changes every channel as it changes an image of one (channels %s)",
    (channels) => {
      const [count, depth, pixels] = [3, 4, 30];
      const images = random(count * depth * pixels, 5);
      const at = (sample: number, channel: number, pixel: number): number =>
        sample * depth * pixels + (channels === "first" ? channel * pixels + pixel : pixel * depth + channel);
      const plane = (from: Float32Array, sample: number, channel: number): Float32Array =>
        Float32Array.from({ length: pixels }, (_, pixel) => from[at(sample, channel, pixel)]!);
      const augmented = images.slice();
      const config = { augmentations: both, seed: 4 };
      new Augmenter({ ...config, shape: [depth, 5, 6], channels }).apply(augmented, ids(7, 8, 9), 2);
      for (let sample = 0; sample < count; sample++) {
        for (let channel = 0; channel < depth; channel++) {
          const expected = plane(images, sample, channel);
          new Augmenter({ ...config, shape: [5, 6] }).apply(expected, ids(7 + sample), 2);
          expect(plane(augmented, sample, channel)).toEqual(expected);
        }
      }
    },
  );

  it("deforms the plane of the result elastically, then applies the affine map", () => {
    // A map that doubles positions, after a field of one pixel to the right: the source is two pixels further.
    const source = Float32Array.from({ length: 49 }, (_, i) => i % 7);
    const result = new Float32Array(49);
    const field = { dx: new Float64Array(49).fill(1), dy: new Float64Array(49) };
    resample(source, result, 7, 7, { xx: 2, xy: 0, yx: 0, yy: 1, x0: 0, y0: 0 }, field);
    expect([...result.subarray(0, 7)]).toEqual([0, 1, 3, 5, 0, 0, 0]);
  });

  it("stays within the range of the image and the nothing around it", () => {
    const change = { min: 0, noNaN: true, noDefaultInfinity: true };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.record({
          rotation: fc.double({ ...change, max: 180 }),
          scale: fc.double({ ...change, max: 0.9 }),
          shear: fc.double({ ...change, max: 80 }),
          translation: fc.double({ ...change, max: 1e4 }),
        }),
        fc.record({ sigma: fc.double({ ...change, min: 0.5, max: 1e4 }), alpha: fc.double({ ...change, max: 1e6 }) }),
        fc.nat(),
        (height, width, affineOptions, elasticOptions, seed) => {
          const augmentations = [randomAffine(affineOptions), elasticTransform(elasticOptions)];
          const image = random(height * width, seed).map((v) => 3 * v - 1);
          const [least, most] = [Math.min(0, ...image), Math.max(0, ...image)];
          new Augmenter({ augmentations, shape: [height, width], seed }).apply(image, ids(0), 1);
          for (const value of image) {
            // A mean of two equal numbers may be rounded.
            expect(value).toBeGreaterThanOrEqual(least - 1e-6);
            expect(value).toBeLessThanOrEqual(most + 1e-6);
          }
        },
      ),
    );
  });

  it.each<[() => unknown, string]>([
    [() => randomAffine({ rotation: -1 }), "randomAffine: rotation is -1; give degrees from 0 to 180."],
    [() => randomAffine({ scale: 1 }), "randomAffine: scale is 1; give a fraction from 0 to 0.9."],
    [() => randomAffine({ shear: Number.NaN }), "randomAffine: shear is NaN; give degrees from 0 to 80."],
    [() => randomAffine({ translation: Number.POSITIVE_INFINITY }), "randomAffine: translation is Infinity"],
    [() => elasticTransform({ sigma: 0 }), "elasticTransform: sigma is 0; give pixels from 0.5 to 10000."],
    [() => elasticTransform({ alpha: -34 }), "elasticTransform: alpha is -34; give a number from 0 to 1000000."],
  ])("refuses %s", (make, message) => expect(make).toThrow(message));
});
