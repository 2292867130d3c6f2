import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileNames } from "#spikevine/src/io/file-names";

describe("names of files", () => {
  it.each([
    [
      ["excitatory", "inhibitory"],
      ["excitatory", "inhibitory"],
    ],
    [["two cells"], ["two-cells"]],
    [
      ["興奮", "抑制"],
      ["興奮", "抑制"],
    ],
    [
      ["E_1", "E-1"],
      ["E_1", "E-1"],
    ],
    [["E"], ["E"]],
    [["con"], ["con_"]],
    [
      ["..", ""],
      ["_-[0-9a-f]{12}", "_-[0-9a-f]{12}"],
    ],
    [
      ["E+", "E-"],
      ["E-[0-9a-f]{12}", "E-[0-9a-f]{12}"],
    ],
    [
      ["E", "e"],
      ["E-[0-9a-f]{12}", "e-[0-9a-f]{12}"],
    ],
    [
      ["straße", "STRASSE"],
      ["straße-[0-9a-f]{12}", "STRASSE-[0-9a-f]{12}"],
    ],
    [
      ["caf\u00e9", "cafe\u0301"],
      ["caf\u00e9-[0-9a-f]{12}", "caf\u00e9-[0-9a-f]{12}"],
    ],
    [
      ["a/b", "a\\b", "../b"],
      ["a-b-[0-9a-f]{12}", "a-b-[0-9a-f]{12}", "b"],
    ],
    [
      ["E", "E"],
      ["E", "E-2"],
    ],
  ])("%j", (texts, expected) => {
    const names = fileNames(texts);
    names.forEach((name, i) => {
      expect(name).toMatch(new RegExp(`^${expected[i]}$`));
    });
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(texts.length);
  });

  it("are no longer than a file system allows, and distinct for names that differ at their end", async () => {
    const names = fileNames([`${"é".repeat(400)}1`, `${"é".repeat(400)}2`]);
    const folder = await mkdtemp(join(tmpdir(), "spikevine-names-"));
    for (const name of names) await writeFile(join(folder, `spikes-${name}.npz`), "");
    expect(await readdir(folder)).toHaveLength(2);
  });

  it("are refused if a name equals that of another's numbered file", () => {
    expect(() => fileNames(["E", "E", "E-2"])).toThrow(/"E" and "E-2" would give one file/);
  });

  it("are distinct and plain for any texts", () => {
    const texts = fc.uniqueArray(fc.oneof(fc.string({ unit: "binary" }), fc.string({ maxLength: 2 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(texts, (given) => {
        const names = fileNames(given);
        expect(new Set(names.map((name) => name.normalize("NFKC").toLowerCase())).size).toBe(given.length);
        for (const name of names) expect(name).toMatch(/^[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}._-]*$/u);
      }),
    );
  });
});
