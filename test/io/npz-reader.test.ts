import { describe, expect, it } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";
import { parseNpz, serializeNpy, serializeNpz } from "#spikevine/src/io/index";
import { type ZipFile, zipArchive } from "./zip-archive.js";

const x = { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) };
const y = { shape: [3], data: Uint8Array.of(5, 6, 7) };
const file = (name: string, rest: Partial<ZipFile> = {}): ZipFile => ({ name, content: serializeNpy(x), ...rest });

describe("npz files", () => {
  it("are read by name, stored or compressed, with a comment, without files that are no arrays", async () => {
    expect(await parseNpz(serializeNpz({ x, y }), "a.npz")).toEqual(
      new Map<string, unknown>([
        ["x", x],
        ["y", y],
      ]),
    );
    const archive = [file("x.npy"), file("a/b.npy", { method: 0 }), { name: "readme", content: Buffer.from("hi") }];
    const read = await parseNpz(zipArchive(archive, "PK\u0005\u0006 a comment"), "a.npz");
    expect([...read]).toEqual([
      ["x", x],
      ["a/b", x],
    ]);
    expect(await parseNpz(zipArchive([]), "a.npz")).toEqual(new Map());
  });

  it.each<[string, Uint8Array, string]>([
    [
      "another file",
      Buffer.from("hello"),
      'zip: "a.npz" is cut off or no ZIP archive: its directory is missing; write it again.',
    ],
    ["a cut", zipArchive([file("x.npy")]).subarray(0, -1), "its directory is missing"],
    ["a name twice", zipArchive([file("x.npy"), file("x.npy")]), 'has two files "x.npy"'],
    [
      "a password",
      zipArchive([file("x.npy", { flags: 1 })]),
      'has the encrypted file "x.npy"; give one without a password',
    ],
    [
      "another compression",
      zipArchive([file("x.npy", { method: 12 })]),
      'has a file "x.npy" that is compressed by method 12',
    ],
    ["a wrong checksum", zipArchive([file("x.npy", { checksum: 1 })]), "is damaged: its checksum differs"],
    ["a huge size", zipArchive([file("x.npy", { bytes: 2 ** 31 })]), "claims 2147483648 bytes, more than it can have"],
    ["too small a size", zipArchive([file("x.npy", { bytes: 100 })]), "unpacks to more than 100 bytes"],
    ["too large a size", zipArchive([file("x.npy", { bytes: 200 })]), "has 160 bytes in place of 200"],
    ["a place outside", zipArchive([file("x.npy", { offset: 10 ** 6 })]), "is not where the directory says"],
    ["values outside", zipArchive([file("x.npy", { packedBytes: 10 ** 6 })]), "is cut off"],
    [
      "damaged values",
      zipArchive([{ name: "x.npy", content: Buffer.alloc(40, 255), method: 8, packedBytes: 3 }]),
      "that is",
    ],
    [
      "a broken array",
      zipArchive([{ name: "x.npy", content: Buffer.from("hello") }]),
      'npy: "a.npz: x" is not an .npy file',
    ],
  ])("are refused with %s", async (_, bytes, message) => {
    const error = await parseNpz(bytes, "a.npz").then(
      () => undefined,
      (e: unknown) => e as Error,
    );
    expect(error).toBeInstanceOf(SpikevineError);
    expect(error!.message).toContain(message);
  });
});
