import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";
import { writeAtomically } from "#spikevine/src/io/atomic-file";
import { openMetrics, parseMetrics, readMetrics, runFolder } from "#spikevine/src/io/index";
import { openLog } from "#spikevine/src/io/run-folder/log";
import { createRunFolder, writeConfig } from "#spikevine/src/io/run-folder/run-folder";

const root = mkdtempSync(join(tmpdir(), "run-"));
afterAll(() => rmSync(root, { recursive: true }));
const now = new Date("2026-11-24T05:50:00Z");

describe("run folders", () => {
  it("are named by time and run, and never the same twice", async () => {
    const paths = [];
    for (let i = 0; i < 3; i++) paths.push((await createRunFolder({ root, name: "snu digits/../x", now })).path);
    expect(paths).toEqual(["", "-2", "-3"].map((end) => join(root, `2026-11-24T05-50-00-snu-digits-..-x${end}`)));
    expect(readdirSync(paths[0]!)).toEqual([]);
    expect((await createRunFolder({ root, now })).path).toBe(join(root, "2026-11-24T05-50-00"));
  });

  it("know their files and keep the configuration", async () => {
    const folder = await createRunFolder({ root: join(root, "new", "runs"), name: "a", now });
    await writeConfig(folder, { seed: 1, layers: [784, 10] });
    expect(JSON.parse(readFileSync(join(folder.path, "config.json"), "utf8"))).toEqual({ seed: 1, layers: [784, 10] });
    expect(readFileSync(folder.config, "utf8")).toContain('\n  "seed": 1');
    expect(folder.file("raster.svg")).toBe(join(folder.path, "raster.svg"));
    expect(runFolder(folder.path).weights).toBe(folder.weights);
  });

  it("are refused if they cannot be made", async () => {
    const blocked = join(root, "file");
    writeFileSync(blocked, "");
    const error = await createRunFolder({ root: blocked, now }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SpikevineError);
    expect((error as Error).message).toMatch(/cannot make a run folder in ".*file": .*; choose another folder/);
    await expect(createRunFolder({ root: "/proc/nowhere", now })).rejects.toThrow(SpikevineError);
  });
});

describe("atomic files", () => {
  it("leave the old content and nothing else if writing fails", async () => {
    const path = join(root, "atomic", "a");
    await writeAtomically(path, "old");
    const failing = writeAtomically(path, async (file) => {
      await file.writeFile("half");
      throw new Error("power cut");
    });
    await expect(failing).rejects.toThrow("power cut");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(join(root, "atomic"))).toEqual(["a"]);
  });
});

describe("metrics", () => {
  it("are one JSON object per line, on the disk as soon as written, and continue after a torn line", async () => {
    const path = join(root, "metrics.ndjson");
    const writer = openMetrics(path);
    writer.write({ epoch: 1, loss: 0.5 });
    writer.write({ epoch: 2, loss: Number.NaN });
    expect(readFileSync(path, "utf8")).toBe('{"epoch":1,"loss":0.5}\n{"epoch":2,"loss":null}\n');
    writer.close();
    appendFileSync(path, '{"epoch":3,"lo');
    expect(await readMetrics(path)).toEqual({
      records: [
        { epoch: 1, loss: 0.5 },
        { epoch: 2, loss: null },
      ],
      torn: true,
    });
    const again = openMetrics(path);
    again.write({ epoch: 3 });
    again.close();
    const { records, torn } = await readMetrics(path);
    expect([records.length, torn]).toEqual([3, false]);
  });

  it("lose only the torn line, however long, and empty files stay empty", async () => {
    const path = join(root, "long.ndjson");
    writeFileSync(path, `{"a":1}\n{"b":"${"x".repeat(20_000)}`);
    openMetrics(path).close();
    expect(readFileSync(path, "utf8")).toBe('{"a":1}\n');
    writeFileSync(path, "x".repeat(9_000));
    openMetrics(path).close();
    expect(readFileSync(path, "utf8")).toBe("");
    expect(await readMetrics(path)).toEqual({ records: [], torn: false });
  });

  it("name the broken line, the missing file and the missing folder", async () => {
    expect(() => parseMetrics('{"a":1}\n[2]\n{"a":3}\n', "m.ndjson")).toThrow(
      'line 2 of "m.ndjson" is not a JSON object',
    );
    await expect(readMetrics(join(root, "none"))).rejects.toThrow(/cannot read ".*none"/);
    expect(() => openMetrics(join(root, "no", "m.ndjson"))).toThrow(SpikevineError);
  });

  it("fuzz: cut anywhere, all whole lines are kept and the rest is torn", () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.nat(), (records, cut) => {
        const lines = records.map((record) => `${JSON.stringify(record)}\n`);
        const text = lines.join("");
        const end = text.length === 0 ? 0 : cut % (text.length + 1);
        const read = parseMetrics(text.slice(0, end), "x");
        let whole = 0;
        let length = 0;
        while (whole < lines.length && length + lines[whole]!.length <= end) length += lines[whole++]!.length;
        expect(read.torn).toBe(length < end);
        expect(read.records).toEqual(lines.slice(0, whole).map((line) => JSON.parse(line)));
      }),
      { numRuns: 400 },
    );
  });

  it("fuzz: any text gives objects or a SpikevineError", () => {
    const line = fc.oneof(fc.json(), fc.string(), fc.constantFrom("{}", "null", '{"__proto__":1}'));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          for (const record of parseMetrics(lines.join("\n"), "x").records) expect(typeof record).toBe("object");
        } catch (error) {
          expect(error).toBeInstanceOf(SpikevineError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("logs", () => {
  const terminal = () => {
    const stream = new PassThrough();
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
    });
    return { stream, text: () => text };
  };

  it("go to the file as NDJSON and to the terminal as readable lines, from one level on", async () => {
    const file = join(root, "log.ndjson");
    const screen = terminal();
    const log = openLog({ file, terminal: screen.stream, level: "debug", color: false });
    log.logger.trace("too fine");
    log.logger.debug({ device: "simd" }, "device chosen");
    log.logger.warn("careful");
    log.close();
    const lines = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ level, msg, device }) => [level, msg, device])).toEqual([
      [20, "device chosen", "simd"],
      [40, "careful", undefined],
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(screen.text()).toMatch(
      /\[\d\d:\d\d:\d\d\] DEBUG: device chosen\n {4}device: "simd"\n\[.*\] WARN: careful\n$/,
    );
  });

  it("are silent on request, and without a file or a terminal", () => {
    const file = join(root, "silent.ndjson");
    for (const log of [openLog({ file, level: "silent" }), openLog({})]) {
      log.logger.fatal("nothing");
      log.close();
    }
    expect(existsSync(file) && readFileSync(file, "utf8")).toBe("");
  });

  it("refuse an unknown level and a file that cannot be written", () => {
    expect(() => openLog({ level: "verbos" })).toThrow(/level is "verbos"; did you mean "[a-z]+"\?/);
    expect(() => openLog({ file: join(root, "no", "log") })).toThrow(/cannot write ".*log": there is no such file/);
  });
});
