import fc from "fast-check";
import { expect, test } from "vitest";
import { COUNTS, listErrors, listUnits } from "#spikevine/src/device/gpujs/cpu/index-lists";
import { type Deltas, deltasOf } from "#spikevine/src/device/gpujs/cpu/spike-deltas";

/** Numbers per row of the summed array. */
const STRIDE = 10;

/** Result of the kernel if row k of the summed array is `values[k]`. */
function sumsOfListed(lists: Float32Array, capacity: number, values: readonly number[]): number[] {
  const numberAt = (entry: number): number => values[entry / STRIDE]!;
  return Array.from({ length: lists.length / capacity }, (_, index) => {
    const list = [...lists.subarray(index * capacity, (index + 1) * capacity)];
    const added = list.slice(COUNTS, COUNTS + list[0]!);
    const subtracted = list.slice(capacity - list[1]!);
    const sum = (entries: readonly number[]): number => entries.reduce((total, entry) => total + numberAt(entry), 0);
    return sum(added) - sum(subtracted);
  });
}

test("a baseline and two deltas from it by hand", () => {
  // One sample, three steps, two units: the first is silent once, the second fires once.
  const { baseline, chunks } = deltasOf([Float32Array.of(1, 0, 1, 1, 0, 0)], 1, 2);
  expect([...baseline.starts]).toEqual([0, 1]);
  expect(baseline.units[0]).toBe(0);
  const { added, removed } = chunks[0]!;
  expect([...added.starts, added.units[0]]).toEqual([0, 0, 1, 1, 1]);
  expect([...removed.starts, removed.units[0]]).toEqual([0, 0, 0, 1, 0]);
  expect([...listUnits(added, removed, 2, STRIDE)]).toEqual([0, 0, 0, 0, 1, 0, 10, 0, 0, 1, 0, 0]);
});

const LIMITS = { min: 1, max: 4 };

/** Spikes `[steps, batch, width]` of any density, in chunks. */
const runs = fc
  .record({
    chunks: fc.array(fc.integer(LIMITS), { minLength: 1, maxLength: 3 }),
    batch: fc.integer(LIMITS),
    width: fc.integer(LIMITS),
    density: fc.double({ min: 0, max: 1, noNaN: true }),
    draws: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    numbers: fc.infiniteStream(fc.integer({ min: -99, max: 99 })),
  })
  .map(({ chunks, batch, width, density, draws, numbers }) => {
    const draw = (): number => (draws.next().value! < density ? 1 : 0);
    const spikes = chunks.map((steps) => Float32Array.from({ length: steps * batch * width }, draw));
    const next = (count: number): number[] => Array.from({ length: count }, () => numbers.next().value!);
    return { chunks, batch, width, spikes, next, deltas: deltasOf(spikes, batch, width) };
  });

test("sums over lists of units are the current, for any spikes", () => {
  fc.assert(
    fc.property(runs, ({ batch, width, spikes, next, deltas }) => {
      const weights = next(width);
      const capacity = COUNTS + width;
      const usual = sumsOfListed(listUnits(deltas.baseline, undefined, width, STRIDE), capacity, weights);
      for (const [c, { added, removed }] of deltas.chunks.entries()) {
        const sums = sumsOfListed(listUnits(added, removed, width, STRIDE), capacity, weights);
        for (const [row, sum] of sums.entries()) {
          const fired = spikes[c]!.subarray(row * width, (row + 1) * width);
          const current = weights.reduce((total, weight, unit) => total + weight * fired[unit]!, 0);
          expect(sum + usual[row % batch]!).toBe(current);
        }
      }
    }),
  );
});

test("sums over lists of errors are the weight gradient of the run's samples, delayed or not", () => {
  fc.assert(
    fc.property(
      runs,
      fc.boolean(),
      fc.integer(LIMITS),
      ({ chunks, batch, width, spikes, next, deltas }, delayed, most) => {
        const samples = Math.min(most, batch);
        const total = new Array<number>(width).fill(0);
        const expected = new Array<number>(width).fill(0);
        const flat = spikes.flatMap((chunk) => [...chunk]);
        let row = 0;
        for (const [c, steps] of chunks.entries()) {
          const errors = next(steps * batch);
          const ofSample = Array.from({ length: batch }, (_, sample) =>
            errors.reduce((sum, error, index) => sum + (index % batch === sample ? error : 0), 0),
          );
          const spec = { width, stride: STRIDE, batch, samples, steps, static: false, delayed };
          const lists = listErrors(deltas, c, spec);
          const sums = sumsOfListed(lists, COUNTS + (steps + 1) * batch, [...errors, ...ofSample]);
          for (const [index, error] of errors.entries()) {
            const source = row++ - (delayed ? batch : 0);
            if (index % batch >= samples || source < 0) continue;
            for (let unit = 0; unit < width; unit++) expected[unit]! += error * flat[source * width + unit]!;
          }
          for (const [unit, sum] of sums.entries()) total[unit]! += sum;
        }
        expect(total).toEqual(expected);
      },
    ),
  );
});

test("spikes of one row a sample meet the errors of every step", () => {
  const deltas: Deltas = deltasOf([Float32Array.of(1, 0, 1, 1)], 2, 2);
  const spec = { width: 2, stride: STRIDE, batch: 2, samples: 2, steps: 3, static: true, delayed: false };
  const errors = [1, 2, 4, 8, 16, 32];
  const sums = sumsOfListed(listErrors(deltas, 0, spec), COUNTS + 4 * 2, [...errors, 1 + 4 + 16, 2 + 8 + 32]);
  expect(sums).toEqual([63, 42]);
});
