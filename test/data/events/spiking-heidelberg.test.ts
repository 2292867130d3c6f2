import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type EventSeries, parseSpikingHeidelberg } from "#spikevine/src/data/index";
import { serializeHdf5 } from "#spikevine/src/io/hdf5/write";
import { failure } from "../failure.js";

/** Written by h5py 3.7 in the layout of SHD: rows of different lengths, times as halves. */
const file = await readFile(join(import.meta.dirname, "fixtures/shd-small.h5"));

it("the Spiking Heidelberg Digits are read", async () => {
  const data = await parseSpikingHeidelberg(file, "data/shd-small.h5", { bin: "10 ms" });
  expect(data).toMatchObject({ name: "shd-small.h5", count: 3, classes: 3, pixels: 700, shape: [1, 1, 700] });
  expect([[...data.labels], data.classNames]).toEqual([
    [1, 0, 2],
    ["zero", "one", "two"],
  ]);
  const { samples, steps } = data.series as EventSeries;
  expect(steps).toBe(101);
  expect(samples[0]).toEqual({ x: Uint16Array.of(699, 0, 12), t: Float64Array.of(0, 250_000, 500_000) });
  expect(samples[1]!.t.length).toBe(0);
  expect([...samples[2]!.t]).toEqual([62_500, 125_000, 250_000, 750_000, 1e6]);
  expect((await parseSpikingHeidelberg(file, "a.h5", { bin: "1 ms", steps: 5, count: 2 })).count).toBe(2);
});

it("other files are refused", async () => {
  const refused = (bytes: Uint8Array, count?: number): Promise<string> =>
    failure(parseSpikingHeidelberg(bytes, "a.h5", { bin: "1 ms", ...(count === undefined ? {} : { count }) }));
  expect(await refused(file, 4)).toMatch(/"a\.h5" has 3 samples of times, 3 of units and 3 labels for a count of 4/);
  expect(await refused(file.subarray(0, 400))).toMatch(/a\.h5/);
  const other = await serializeHdf5({ members: new Map([["labels", { shape: [1], values: Uint8Array.of(1) }]]) });
  expect(await refused(other)).toMatch(/"a\.h5" has no array "spikes\/times"/);
});
