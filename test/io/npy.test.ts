import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";
import { parseNpy, readNpy, serializeNpy, writeNpy } from "#spikevine/src/io/index";

const folder = mkdtempSync(join(tmpdir(), "npy-"));
afterAll(() => rmSync(folder, { recursive: true }));

function bytes(header: string, values: readonly number[] = [], version = 1): Uint8Array {
  const length = new TextEncoder().encode(header);
  const prefix = version === 1 ? 10 : 12;
  const file = new Uint8Array(prefix + length.length + values.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, length.length & 255, length.length >> 8]);
  file.set(length, prefix);
  file.set(values, prefix + length.length);
  return file;
}

describe("npy", () => {
  it("writes the bytes that numpy.save writes", () => {
    const file = serializeNpy({ shape: [1, 2], data: Float32Array.of(1, -2) });
    const text = `\u0093NUMPY\u0001\u0000v\u0000${"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }".padEnd(117)}\n`;
    expect(Buffer.from(file.subarray(0, 128)).toString("latin1")).toBe(text);
    expect([...file.subarray(128)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it("reads versions 1 and 2, scalars and vectors", () => {
    const header = (shape: string) => `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }   \n`;
    expect(parseNpy(bytes(header("()"), [5]), "x")).toEqual({ shape: [], data: Uint8Array.of(5) });
    expect(parseNpy(bytes(header("(2,)"), [5, 6], 2), "x")).toEqual({ shape: [2], data: Uint8Array.of(5, 6) });
    expect(parseNpy(bytes(header("(2, 0)")), "x").shape).toEqual([2, 0]);
  });

  it.each<[string, readonly number[], readonly number[], string]>([
    ["<f2", [0x00, 0x3c, 0x00, 0xc0], [1, -2], "Float32Array"],
    [">f4", [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], [1, -2], "Float32Array"],
    [">f8", [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], [1], "Float64Array"],
    ["<i8", [1, 0, 0, 0, 0, 0, 0, 0, ...Array(8).fill(255)], [1, -1], "Float64Array"],
    [">u8", [0, 0x1f, 255, 255, 255, 255, 255, 255], [2 ** 53 - 1], "Float64Array"],
    ["<u4", [255, 255, 255, 255], [2 ** 32 - 1], "Float64Array"],
    [">i4", [255, 255, 255, 254], [-2], "Int32Array"],
    [">i2", [255, 254, 1, 0], [-2, 256], "Int32Array"],
    ["<u2", [254, 255], [65534], "Int32Array"],
    ["|i1", [255, 1], [-1, 1], "Int32Array"],
    ["|b1", [1, 0, 1], [1, 0, 1], "Int32Array"],
  ])("reads values of type %s exactly", (type, stored, values, array) => {
    const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${values.length},), }\n`;
    const { data } = parseNpy(bytes(header, stored), "x");
    expect([...data]).toEqual(values);
    expect(data.constructor.name).toBe(array);
  });

  it("turns arrays that are stored column by column", () => {
    const header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }\n";
    // Value 100 i + 10 j + k at index [i, j, k]; the first index is the fastest.
    const stored = [0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121];
    const { shape, data } = parseNpy(bytes(header, stored), "x");
    expect(shape).toEqual([2, 3, 2]);
    expect([...data]).toEqual([0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["another file", Uint8Array.of(1, 2, 3), /is not an .npy file/],
    ["a header cut off", bytes("{").subarray(0, 10), /cut off inside its header/],
    ["another header", bytes("{'descr': [('a', '<f4')]}\n"), /is not a plain array of numbers/],
    [
      "complex numbers",
      bytes("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }\n"),
      /values of type <c8; convert/,
    ],
    [
      "objects of Python",
      bytes("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", [1]),
      /holds values of type \|O; convert them to numbers/,
    ],
    ["texts", bytes("{'descr': '<U5', 'fortran_order': False, 'shape': (1,), }\n", [1]), /values of type <U5/],
    [
      "a type without its byte order",
      bytes("{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }\n"),
      /type \|f4/,
    ],
    ["a name of Object", bytes("{'descr': '<toString', 'fortran_order': False, 'shape': (1,), }\n"), /type <toString/],
    [
      "integers that are not exact",
      bytes("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }\n", [1, 0, 0, 0, 0, 0, 0x20, 0]),
      /holds integers beyond 2\^53; convert them/,
    ],
    ["missing values", bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", [1]), /1 bytes .* needs 8/],
    [
      "a huge shape",
      bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999, 999999999999999), }\n"),
      /needs/,
    ],
  ])("refuses %s", (_, file, message) => {
    expect(() => parseNpy(file, "x.npy")).toThrow(SpikevineError);
    expect(() => parseNpy(file, "x.npy")).toThrow(message);
  });

  it("refuses to write a shape that does not fit", () => {
    expect(() => serializeNpy({ shape: [3], data: Uint8Array.of(1) })).toThrow(/shape \[3\] does not fit 1 values/);
  });

  it("survives a file", async () => {
    const array = { shape: [2, 2], data: Int32Array.of(1, -2, 3, -4) };
    await writeNpy(join(folder, "a.npy"), array);
    expect(await readNpy(join(folder, "a.npy"))).toEqual(array);
    await expect(readNpy(join(folder, "b.npy"))).rejects.toThrow(/there is no such file/);
  });

  it("fuzz: reads back every array, and for any damage gives an array that fits or a SpikevineError", () => {
    const array = fc.oneof(
      fc.float32Array({ maxLength: 20 }).map((data) => ({ shape: [data.length], data })),
      fc.uint8Array({ maxLength: 20 }).map((data) => ({ shape: [data.length, 1], data })),
      fc.float64Array({ maxLength: 20 }).map((data) => ({ shape: [1, data.length], data })),
    );
    const damage = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(array, damage, fc.option(fc.nat(200)), (given, changes, cut) => {
        const file = serializeNpy(given);
        expect(parseNpy(file, "x")).toEqual(given);
        for (const [at, value] of changes) if (at < file.length) file[at] = value;
        try {
          const { shape, data } = parseNpy(cut === null ? file : file.subarray(0, cut), "x");
          expect(shape.reduce((a, b) => a * b, 1)).toBe(data.length);
        } catch (error) {
          expect(error).toBeInstanceOf(SpikevineError);
        }
      }),
      { numRuns: 600 },
    );
  });
});
