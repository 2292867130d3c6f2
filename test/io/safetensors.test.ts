import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";
import {
  parseSafetensors,
  readSafetensors,
  serializeSafetensors,
  type Tensor,
  writeSafetensors,
} from "#spikevine/src/io/index";

const folder = mkdtempSync(join(tmpdir(), "tensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file by hand: length, header, values. */
function bytes(header: string, values: readonly number[] = [], claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + values.length);
  new DataView(file.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  file.set(json, 8);
  file.set(values, 8 + json.length);
  return file;
}

describe("safetensors", () => {
  it("writes the format's literal bytes", () => {
    const file = serializeSafetensors(new Map([["w", { shape: [2], data: Float32Array.of(1, -2) }]]));
    const checksum = parseSafetensors(file, "x").metadata.get("checksum")!;
    expect(checksum).toMatch(/^[0-9a-f]{10,16}$/);
    const text = `{"__metadata__":{"checksum":"${checksum}"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`;
    const header = text.padEnd(8 * Math.ceil(text.length / 8));
    expect([...file.subarray(0, 8)]).toEqual([header.length, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(file.subarray(8, 8 + header.length))).toBe(header);
    expect([...file.subarray(8 + header.length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it("reads the format's literal bytes", () => {
    const header =
      '{"__metadata__":{"by":"hand"},"b":{"dtype":"U8","shape":[],"data_offsets":[4,5]},' +
      '"a":{"dtype":"I32","shape":[1,1],"data_offsets":[0,4]}} ';
    const { tensors, metadata } = parseSafetensors(bytes(header, [0xfe, 0xff, 0xff, 0xff, 7]), "x");
    expect(metadata).toEqual(new Map([["by", "hand"]]));
    expect([...tensors]).toEqual([
      ["a", { shape: [1, 1], data: Int32Array.of(-2) }],
      ["b", { shape: [], data: Uint8Array.of(7) }],
    ]);
  });

  // Bits by hand: IEEE 754 binary16 and the upper half of binary32.
  it.each<[string, readonly number[], Tensor["data"]]>([
    [
      "F16",
      [0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x04, 0x00, 0x80, 0x00, 0x7c, 0x01, 0x7e],
      Float32Array.of(1, -2, 65504, 2 ** -24, 2 ** -14, -0, Number.POSITIVE_INFINITY, Number.NaN),
    ],
    ["BF16", [0x80, 0x3f, 0x49, 0xc0, 0x80, 0xff], Float32Array.of(1, -3.140625, Number.NEGATIVE_INFINITY)],
    ["BOOL", [0, 1, 1], Int8Array.of(0, 1, 1)],
  ])("reads %s", (dtype, stored, data) => {
    const header = `{"w":{"dtype":"${dtype}","shape":[${data.length}],"data_offsets":[0,${stored.length}]}}`;
    const { tensors } = parseSafetensors(bytes(header, stored), "x");
    expect(tensors.get("w")).toEqual({ shape: [data.length], data });
  });

  it("keeps every type, wide ones first, so that all are aligned", () => {
    const tensors = new Map<string, Tensor>([
      ["u8", { shape: [3], data: Uint8Array.of(1, 2, 255) }],
      ["i8", { shape: [1], data: Int8Array.of(-1) }],
      ["u16", { shape: [1], data: Uint16Array.of(65535) }],
      ["i16", { shape: [1], data: Int16Array.of(-300) }],
      ["u32", { shape: [1], data: Uint32Array.of(4294967295) }],
      ["i32", { shape: [1], data: Int32Array.of(-70000) }],
      ["f32", { shape: [1, 2], data: Float32Array.of(0.5, Number.NaN) }],
      ["f64", { shape: [2, 1], data: Float64Array.of(Math.PI, -0) }],
      ["i64", { shape: [], data: BigInt64Array.of(-5n) }],
      ["u64", { shape: [1], data: BigUint64Array.of(2n ** 63n) }],
      ["none", { shape: [0, 4], data: new Float32Array(0) }],
      ["__proto__", { shape: [1], data: Float32Array.of(3) }],
    ]);
    const file = serializeSafetensors(tensors, new Map([["__proto__", "safe"]]));
    const read = parseSafetensors(file, "x");
    expect(new Map([...read.tensors].sort())).toEqual(new Map([...tensors].sort()));
    expect(read.metadata.get("__proto__")).toBe("safe");
    expect([...read.tensors.keys()].slice(0, 3)).toEqual(["f64", "i64", "u64"]);
    expect((Object.prototype as Record<string, unknown>).dtype).toBeUndefined();
  });

  it("serializes views of larger buffers and parses files at odd offsets", () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const file = serializeSafetensors(new Map([["v", { shape: [2], data }]]));
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(parseSafetensors(shifted.subarray(3), "x").tensors.get("v")?.data).toEqual(Float32Array.of(1, 2));
  });

  it("refuses to write what does not fit", () => {
    const data = Float32Array.of(1, 2);
    expect(() => serializeSafetensors(new Map([["w", { shape: [3], data }]]))).toThrow(
      'tensor "w": its shape [3] does not fit 2 values',
    );
    expect(() => serializeSafetensors(new Map([["__metadata__", { shape: [2], data }]]))).toThrow(/reserved/);
  });

  const one = (dtype: string, shape: string, offsets: string) =>
    `{"w":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
  it.each<[string, Uint8Array, RegExp]>([
    ["an empty file", new Uint8Array(0), /has 0 bytes, too few/],
    ["a header of 100 MB and more", bytes("{}", [], 100_000_001n), /claims a header of 100000001 bytes/],
    ["the largest length", bytes("{}", [], 2n ** 64n - 1n), /claims a header of 18446744073709551615 bytes/],
    ["a header cut off", bytes("{}", [], 50n), /cut off inside its header of 50 bytes/],
    ["text", bytes("hello"), /header that is not JSON/],
    ["bad UTF-8", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff), /header that is not UTF-8/],
    ["a list", bytes("[]"), /not a JSON object/],
    ["a space before the brace", bytes(" {}"), /not a JSON object/],
    ["no dtype", bytes('{"w":{"shape":[],"data_offsets":[0,4]}}', [0, 0, 0, 0]), /of type undefined, not one of F64/],
    [
      "an unknown dtype",
      bytes(one('"F8_E4M3"', "[1]", "[0,1]"), [0]),
      /tensor "w" of type "F8_E4M3", not one of F64.*; convert it to F32\.$/,
    ],
    ["a dtype from the prototype", bytes(one('"constructor"', "[1]", "[0,2]"), [0, 0]), /of type "constructor"/],
    ["a negative size", bytes(one('"U8"', "[-1]", "[0,1]"), [0]), /shape is not a list of sizes/],
    ["a fractional size", bytes(one('"U8"', "[0.5]", "[0,1]"), [0]), /shape is not a list of sizes/],
    ["a shape that overflows", bytes(one('"U8"', "[9007199254740991,9007199254740991]", "[0,1]"), [0]), /does not fit/],
    [
      "offsets that do not fit the shape",
      bytes(one('"F32"', "[2]", "[0,4]"), [0, 0, 0, 0]),
      /shape \[2\] in bytes 0 to 4/,
    ],
    ["offsets backwards", bytes(one('"U8"', "[0]", "[1,0]")), /does not fit/],
    ["three offsets", bytes(one('"U8"', "[1]", "[0,1,2]"), [0]), /data_offsets are not two positions/],
    ["values cut off", bytes(one('"U8"', "[4]", "[0,4]"), [1]), /tensor "w" ends at 4 of 1 bytes/],
    ["values left over", bytes(one('"U8"', "[1]", "[0,1]"), [1, 2]), /has 1 bytes after its last tensor/],
    ["a gap", bytes(one('"U8"', "[1]", "[1,2]"), [1, 2]), /gap before tensor "w"/],
    [
      "tensors that overlap",
      bytes(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}',
        [1, 2, 3],
      ),
      /tensor "b" over another one/,
    ],
    [
      "a key twice, once in disguise",
      bytes(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        [1],
      ),
      /has the key "a" twice/,
    ],
    [
      "an inner key twice",
      bytes('{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', [1]),
      /"dtype" twice/,
    ],
    [
      "an unknown field",
      bytes('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}', [1]),
      /unknown field "x"/,
    ],
    ["metadata that is not text", bytes('{"__metadata__":{"n":1}}'), /metadata "n" that is not a string/],
    ["a tensor that is a number", bytes('{"w":3}'), /tensor "w" without a description/],
    [
      "deep nesting",
      bytes(`{"w":${"[".repeat(200_000)}${"]".repeat(200_000)}}`),
      /header that is nested deeper than 100 levels/,
    ],
  ])("refuses %s", (_, file, message) => {
    const read = () => parseSafetensors(file, "w.safetensors");
    expect(read).toThrow(SpikevineError);
    expect(read).toThrow(message);
    expect(read).toThrow('"w.safetensors"');
  });

  it("reads a large hostile header in bounded time", () => {
    const entries = Array.from({ length: 50_000 }, (_, i) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`);
    const start = performance.now();
    expect(parseSafetensors(bytes(`{${entries.join()}}`), "x").tensors.size).toBe(50_000);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it("writes complete files and reads them back", async () => {
    const path = join(folder, "deep", "w.safetensors");
    const tensors = new Map<string, Tensor>([["w", { shape: [1], data: Float32Array.of(2) }]]);
    await writeSafetensors(path, tensors, new Map([["epoch", "3"]]));
    await writeSafetensors(path, tensors, new Map([["epoch", "4"]]));
    const read = await readSafetensors(path);
    expect(read.metadata.get("epoch")).toBe("4");
    expect(read.tensors).toEqual(tensors);
    expect(readdirSync(join(folder, "deep"))).toEqual(["w.safetensors"]);
    expect(readFileSync(path).length % 4).toBe(0);
  });

  it("names the file that is missing or cannot be written", async () => {
    await expect(readSafetensors(join(folder, "none"))).rejects.toThrow(/cannot read ".*none": there is no such file/);
    writeFileSync(join(folder, "file"), "");
    await expect(writeSafetensors(join(folder, "file", "w"), new Map())).rejects.toThrow(SpikevineError);
  });
});

describe("safetensors fuzz", () => {
  const tensor: fc.Arbitrary<Tensor> = fc.oneof(
    fc.float32Array({ maxLength: 12 }).map((data) => ({ shape: [data.length], data })),
    fc.float64Array({ maxLength: 6 }).map((data) => ({ shape: [data.length, 1], data })),
    fc.int32Array({ maxLength: 6 }).map((data) => ({ shape: [1, data.length], data })),
    fc.uint8Array({ maxLength: 9 }).map((data) => ({ shape: [data.length], data })),
  );
  const name = fc
    .oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "constructor", "1", ""))
    .filter((text) => text !== "__metadata__");
  const entries = fc.uniqueArray(fc.tuple(name, tensor), { maxLength: 5, selector: ([key]) => key });

  it("reads back every set of tensors", () => {
    fc.assert(
      fc.property(entries, fc.array(fc.tuple(name, fc.string({ unit: "binary" })), { maxLength: 3 }), (list, pairs) => {
        const tensors = new Map(list);
        const metadata = new Map(pairs);
        const read = parseSafetensors(serializeSafetensors(tensors, metadata), "x");
        expect(read.tensors.size).toBe(tensors.size);
        for (const [key, value] of tensors) expect(read.tensors.get(key)).toEqual(value);
        metadata.set("checksum", read.metadata.get("checksum")!);
        expect(read.metadata).toEqual(metadata);
      }),
      { numRuns: 500 },
    );
  });

  it("gives tensors that fit the file or a SpikevineError for any damage", () => {
    fc.assert(
      fc.property(
        entries,
        fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 4 }),
        fc.option(fc.nat(300)),
        (list, damage, cut) => {
          const file = serializeSafetensors(new Map(list));
          for (const [at, value] of damage) if (at < file.length) file[at] = value;
          const given = cut === null ? file : file.subarray(0, cut);
          try {
            let total = 0;
            for (const { shape, data } of parseSafetensors(given, "x").tensors.values()) {
              expect(shape.reduce((a, b) => a * b, 1)).toBe(data.length);
              total += data.byteLength;
            }
            expect(total).toBeLessThanOrEqual(given.length);
          } catch (error) {
            expect(error).toBeInstanceOf(SpikevineError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("never fails otherwise on arbitrary headers", () => {
    const header = fc.oneof(
      fc.json(),
      fc
        .record({
          w: fc.record({
            dtype: fc.constantFrom("F32", "U8", "x"),
            shape: fc.jsonValue(),
            data_offsets: fc.jsonValue(),
          }),
        })
        .map((v) => JSON.stringify(v)),
      fc.string(),
    );
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 16 }), (text, values) => {
        try {
          parseSafetensors(bytes(text, [...values]), "x");
        } catch (error) {
          expect(error).toBeInstanceOf(SpikevineError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the checksum of a file", () => {
  const tensors = new Map<string, Tensor>([
    ["layer1.weights", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-40, 7) }],
    ["counts", { shape: [2], data: Int32Array.of(1, 2) }],
  ]);
  const file = serializeSafetensors(tensors, new Map([["experiment", "{}"]]));

  it("detects a flipped bit anywhere", () => {
    let renamed = 0;
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const bytes = file.slice();
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
      try {
        // Only the name of the checksum may change; then readers of models miss it.
        expect(parseSafetensors(bytes, "x").metadata.has("checksum")).toBe(false);
        renamed++;
      } catch (error) {
        expect(error).toBeInstanceOf(SpikevineError);
      }
    }
    expect(renamed).toBeLessThanOrEqual(8 * "checksum".length);
  });

  it("is right for a file in which another program has reordered the tensors", () => {
    const { metadata } = parseSafetensors(file, "x");
    const header = {
      counts: { dtype: "I32", shape: [2], data_offsets: [0, 8] },
      "layer1.weights": { dtype: "F32", shape: [2, 3], data_offsets: [8, 32] },
      __metadata__: Object.fromEntries([...metadata].reverse()),
    };
    const text = new TextEncoder().encode(JSON.stringify(header));
    const length = new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer);
    const values = [...tensors.values()].reverse().map(({ data }) => new Uint8Array(data.buffer));
    expect(parseSafetensors(Buffer.concat([length, text, ...values]), "x").tensors.get("counts")).toEqual(
      tensors.get("counts"),
    );
  });

  it("is verified only if present", () => {
    const text = new TextEncoder().encode('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}');
    const length = new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer);
    expect(parseSafetensors(Buffer.concat([length, text, Uint8Array.of(3)]), "x").tensors.get("a")!.data[0]).toBe(3);
  });

  it("of values that another program has changed is refused, with the fix", () => {
    const changed = file.slice();
    changed[changed.length - 1]! ^= 1;
    expect(() => parseSafetensors(changed, "x")).toThrow(
      /"x" is damaged \(its checksum differs\); .*remove "checksum" from/,
    );
  });
});
