import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isHdf5, withHdf5 } from "#spikevine/src/io/hdf5/read";
import { type Hdf5Group, serializeHdf5 } from "#spikevine/src/io/hdf5/write";
import { hasH5py, readWithH5py } from "./h5py.js";

const file = readFileSync(new URL("types.h5", import.meta.url));

const read = (path: string, bytes: Uint8Array = file) =>
  withHdf5(bytes, "a.h5", (opened) => opened.read(path.split("/")));

const values = {
  integers: { shape: [1, 3], values: BigInt64Array.of(1n, -2n, 3n) },
  half: { shape: [2, 2], values: Float32Array.of(0.5, -2, 1, 0) },
  "big-endian": { shape: [2], values: Float32Array.of(1.5, -2) },
  booleans: { shape: [2], values: Int8Array.of(1, 0) },
  "fixed texts": { shape: [2], values: ["abc", "de"] },
  texts: { shape: [1, 2], values: ["a", "d\u00e9"] },
  text: { shape: [], values: ["hello"] },
  scalar: { shape: [], values: Float32Array.of(3) },
  none: { shape: [0, 3], values: new Float64Array() },
  packed: { shape: [300], values: Float64Array.from({ length: 300 }, (_, i) => i / 7) },
  "spikes/times": { shape: [3], values: [Float32Array.of(0.5, 0.25), new Float32Array(), Float32Array.of(1)] },
  "spikes/units": { shape: [3], values: [BigInt64Array.of(1n, 2n), new BigInt64Array(), BigInt64Array.of(699n)] },
};

describe("a file that h5py wrote", () => {
  it("is read with every value equal: integers, halves, both orders of bytes, texts, packed arrays, rows of any length", async () => {
    const found = await withHdf5(file, "a.h5", async (opened) => {
      const read: Record<string, unknown> = {};
      for (const path of Object.keys(values)) read[path] = await opened.read(path.split("/"));
      return read;
    });
    expect(found).toEqual(values);
  });

  it("has groups, kinds, shapes and attributes", async () => {
    await withHdf5(file, "a.h5", async (opened) => {
      expect(await opened.names(["spikes"])).toEqual(["times", "units"]);
      expect(await opened.names(["loop", "loop", "spikes"])).toEqual(["times", "units"]);
      const paths = [[], ["spikes", "times"], ["other file"], ["spikes", "x"], ["text", "x"], ["spikes/times"]];
      const kinds = await Promise.all(paths.map((path) => opened.kind(path)));
      expect(kinds).toEqual(["group", "array", "other", undefined, undefined, undefined]);
      expect(await opened.shape(["unstored"])).toEqual([1000000, 1000]);
      const attributes = ["number", "name", "x"].map((name) => opened.attribute([], name));
      expect(await Promise.all(attributes)).toEqual([0.1, "d\u00e9", undefined]);
    });
  });

  it.each([
    ["unstored", /"unstored" has the shape \[1000000, 1000\], more values than a file of \d+ bytes can hold/],
    ["unstored packed", /more values than a file of \d+ bytes can hold/],
    ["compound", /"compound" has values of type compound, not numbers or texts/],
    ["empty", /"empty" has no values/],
    ["spikes", /"spikes" is not an array/],
    ["spikes/x", /"spikes\/x" is missing/],
  ])("refuses %s", async (path, message) => {
    await expect(read(path)).rejects.toThrow(message);
  });

  it("refuses what is not HDF5, a file that is cut off, and reading after the end", async () => {
    expect(isHdf5(file)).toBe(true);
    await expect(read("text", new Uint8Array(20))).rejects.toThrow(
      'HDF5: "a.h5" does not start with the signature of HDF5; give an HDF5 file.',
    );
    await expect(read("text", file.subarray(0, 300))).rejects.toThrow(
      'HDF5: "a.h5" is damaged or cut off: its root cannot be read; give another copy of it.',
    );
    const late = await withHdf5(file, "a.h5", async (opened) => opened);
    await expect(late.read(["text"])).rejects.toThrow('HDF5: "a.h5" is closed');
  });
});

const written: Hdf5Group = {
  attributes: new Map<string, number | string>([
    ["dt", 0.1],
    ["kind", "d\u00e9"],
  ]),
  members: new Map<
    string,
    Hdf5Group | { shape: number[]; values: string[] | Float32Array | BigInt64Array | Float64Array }
  >([
    ["texts", { shape: [2, 2], values: ["a.b", "", "d\u00e9", "c"] }],
    ["none", { shape: [0, 2], values: [] }],
    ["weights", { shape: [30, 20], values: Float32Array.from({ length: 600 }, (_, i) => i / 7) }],
    [
      "group",
      {
        members: new Map([
          ["integer", { shape: [], values: BigInt64Array.of(-3n) }],
          ["a.b", { shape: [2], values: Float64Array.of(Math.PI, 5e-324) }],
        ]),
      },
    ],
  ]),
};

describe("a file written here", () => {
  it("is read again with every value equal", async () => {
    const bytes = await serializeHdf5(written);
    await withHdf5(bytes, "a.h5", async (opened) => {
      for (const [name, content] of written.members) {
        if ("values" in content) expect(await opened.read([name])).toEqual(content);
      }
      expect(await opened.read(["group", "a.b"])).toEqual({ shape: [2], values: Float64Array.of(Math.PI, 5e-324) });
      expect(await opened.attribute([], "dt")).toBe(0.1);
    });
  });

  it.skipIf(!hasH5py)("opens in h5py with every value equal", async () => {
    const floats = Array.from({ length: 30 }, (_, i) =>
      Array.from({ length: 20 }, (_, j) => Math.fround((20 * i + j) / 7)),
    );
    expect(readWithH5py(await serializeHdf5(written))).toEqual({
      "@dt": 0.1,
      "@kind": "d\u00e9",
      texts: expect.objectContaining({
        shape: [2, 2],
        values: [
          ["a.b", ""],
          ["d\u00e9", "c"],
        ],
      }),
      none: expect.objectContaining({ shape: [0, 2] }),
      weights: { type: "f4", shape: [30, 20], values: floats },
      "group/integer": { type: "i8", shape: [], values: -3 },
      "group/a.b": { type: "f8", shape: [2], values: [Math.PI, 5e-324] },
    });
  });

  it("refuses names with a slash and shapes that do not fit, before it starts", async () => {
    const one = (name: string, shape: number[]) =>
      serializeHdf5({ members: new Map([[name, { shape, values: new Float32Array(2) }]]) });
    await expect(one("a/b", [2])).rejects.toThrow(
      'serializeHdf5: "a/b" has a name that HDF5 does not allow; rename it.',
    );
    await expect(one("a", [3])).rejects.toThrow("serializeHdf5: a has the shape [3] but 2 values");
  });
});
