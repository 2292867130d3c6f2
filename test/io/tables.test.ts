import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";
import {
  csvRowWriter,
  npyRowWriter,
  parseNpy,
  readNpy,
  serializeCsv,
  serializeNpy,
  serializeNpz,
  writeNpz,
} from "#spikevine/src/io/index";

const folder = mkdtempSync(join(tmpdir(), "tables-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Tells if Python's own reader of ZIP archives is available. */
const hasPython = (): boolean => {
  try {
    execFileSync("python3", ["-c", "import zipfile"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe("npz", () => {
  const arrays = {
    times: { shape: [3], data: Float64Array.of(0.1, 0.2, 5) },
    units: { shape: [3, 1], data: Int32Array.of(7, -1, 2) },
  };

  it("is an archive of .npy files, one after the other", () => {
    const file = serializeNpz(arrays);
    const view = new DataView(file.buffer);
    const first = serializeNpy(arrays.times);
    expect(view.getUint32(0, true)).toBe(0x04034b50);
    expect(new TextDecoder().decode(file.subarray(30, 39))).toBe("times.npy");
    expect(file.slice(39, 39 + first.length)).toEqual(first);
    const second = 39 + first.length;
    expect(view.getUint32(second, true)).toBe(0x04034b50);
    expect(parseNpy(file.slice(second + 39, second + 39 + serializeNpy(arrays.units).length), "units").shape).toEqual([
      3, 1,
    ]);
    // The end gives the number of files and the position of their directory.
    const end = file.length - 22;
    expect(view.getUint32(end, true)).toBe(0x06054b50);
    expect(view.getUint16(end + 10, true)).toBe(2);
    expect(view.getUint32(view.getUint32(end + 16, true), true)).toBe(0x02014b50);
  });

  it.runIf(hasPython())("passes the check of another program", async () => {
    const path = join(folder, "arrays.npz");
    await writeNpz(path, arrays);
    const check = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist())";
    expect(execFileSync("python3", ["-c", check, path], { encoding: "utf8" })).toBe(
      "None ['times.npy', 'units.npy']\n",
    );
  });
});

describe("csv", () => {
  it("writes numbers so that they read back the same", () => {
    expect(serializeCsv({ "time (ms)": [0.1, 1e-7], 'a "b", c': [1 / 3, -0] })).toBe(
      `time (ms),"a ""b"", c"\r\n0.1,${1 / 3}\r\n1e-7,0\r\n`,
    );
  });

  it("keeps spreadsheets from running names that start like a formula; numbers stay", () => {
    expect(serializeCsv({ '=cmd("x")': [-1], "+a": [1e21], "-b,c": [0], "@d": [-0.5], "\te": [1], "-3": [2] })).toBe(
      `"'=cmd(""x"")",'+a,"'-b,c",'@d,'\te,-3\r\n-1,1e+21,0,-0.5,1,2\r\n`,
    );
  });

  it("refuses columns of different lengths", () => {
    expect(() => serializeCsv({ a: [1, 2], b: [1] })).toThrow(SpikevineError);
    expect(() => serializeCsv({ a: [1, 2], b: [1] })).toThrow(/column "b" has 1 rows and "a" has 2/);
  });
});

describe("files that grow by rows", () => {
  it("are .npy files once they are closed", async () => {
    const path = join(folder, "rows.npy");
    const file = npyRowWriter(path, 2);
    file.write(Float64Array.of(1, 2, 3, 4));
    file.write(new Float64Array());
    file.write(Float64Array.of(5, 6));
    expect(file.rows).toBe(3);
    file.close();
    file.close();
    expect(await readNpy(path)).toEqual({ shape: [3, 2], data: Float64Array.of(1, 2, 3, 4, 5, 6) });
    expect(() => file.write(Float64Array.of(1, 2))).toThrow(/is closed/);
  });

  it("of a simulation that was killed is read with its complete rows, by NumPy too", async (test) => {
    const path = join(folder, "killed.npy");
    const file = npyRowWriter(path, 2);
    expect((await readNpy(path)).shape).toEqual([0, 2]);
    file.write(Float64Array.of(1, 2, 3, 4));
    // A part of the next row, which the header does not count.
    await appendFile(path, Uint8Array.of(1, 2, 3));
    expect(await readNpy(path)).toEqual({ shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) });
    const script = "import numpy, sys; print(numpy.load(sys.argv[1]).tolist())";
    const numpy = spawnSync("python3", ["-W", "error", "-c", script, path], { encoding: "utf8" });
    if (/ModuleNotFoundError/.test(numpy.stderr ?? "") || numpy.error !== undefined) return test.skip();
    expect(numpy.stdout, numpy.stderr).toBe("[[1.0, 2.0], [3.0, 4.0]]\n");
  });

  it("are .npy files without a row too", async () => {
    const path = join(folder, "none.npy");
    npyRowWriter(path, 3).close();
    expect((await readNpy(path)).shape).toEqual([0, 3]);
  });

  it("are CSV files at any time", () => {
    const path = join(folder, "rows.csv");
    const file = csvRowWriter(path, ["time (ms)", "unit"]);
    file.write(Float64Array.of(0.1, 3, 0.2, 4));
    expect(readFileSync(path, "utf8")).toBe("time (ms),unit\r\n0.1,3\r\n0.2,4\r\n");
    file.close();
  });

  it("report why they cannot be created", () => {
    writeFileSync(join(folder, "file"), "");
    const path = join(folder, "file", "rows.npy");
    expect(() => npyRowWriter(path, 1)).toThrow(SpikevineError);
    expect(() => npyRowWriter(path, 1)).toThrow(/cannot write .*rows\.npy": a part of the path is a file/);
  });
});
