import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { spikevine, temporaryFolder } from "./run-cli.js";

describe("spikevine simulate", () => {
  it.each(["coba", "cuba"])("runs %s and saves spikes, rates and plots", { timeout: 60_000 }, async (network) => {
    const out = await temporaryFolder();
    const args = ["simulate", network, "--size", "400", "--duration", "60 ms", "--seed", "3", "--out", out];
    const { code, stdout, stderr } = await spikevine(...args);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/network {3}\w+: 320 excitatory, 80 inhibitory/);
    expect(stdout).toMatch(/WebAssembly SIMD, double precision/);
    expect(stdout).toMatch(/excitatory {6}320 +\d+ +\d+\.\d\d/);
    const [folder] = await readdir(out);
    expect(folder).toMatch(new RegExp(`simulate-${network}$`));
    expect((await readdir(join(out, folder!))).sort()).toEqual([
      "config.json",
      "config.sha256",
      "intervals.svg",
      "intervals.vl.json",
      "raster.svg",
      "raster.vl.json",
      "rates.csv",
      "rates.svg",
      "rates.vl.json",
      "spikes-excitatory.npz",
      "spikes-inhibitory.npz",
      "state.spikevine",
    ]);
    const config = JSON.parse(await readFile(join(out, folder!, "config.json"), "utf8"));
    expect(config).toMatchObject({ network, size: 400, duration: "60 ms", seed: 3, precision: "double", dt: 0.1 });
    const csv = await readFile(join(out, folder!, "rates.csv"), "utf8");
    expect(csv.split("\r\n")[0]).toBe("time (ms),excitatory (Hz),inhibitory (Hz)");
  });

  it("prints one JSON object, without lines, with --json", async () => {
    const args = ["simulate", "coba", "--size", "100", "--duration", "10 ms", "--out", await temporaryFolder()];
    const { stdout, stderr, code } = await spikevine(...args, "--json");
    expect([stderr, code]).toEqual(["", 0]);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    const figures = JSON.parse(stdout);
    expect(figures).toMatchObject({ network: "coba", dt: 0.1, milliseconds: 10, stopped: false, leftOut: [] });
    expect(await readdir(figures.folder)).toContain("config.json");
    const [excitatory] = figures.populations;
    // No neuron fires often enough within 10 ms.
    expect(excitatory).toMatchObject({ name: "excitatory", neurons: 80, intervalCv: null });
    expect(excitatory.rate).toBeCloseTo((1000 * excitatory.spikes) / (80 * 10), 10);
    expect((await spikevine(...args)).stdout).not.toContain("NaN");
  });

  it("has the same results on several threads", async () => {
    const run = async (...flags: string[]) => {
      const args = ["simulate", "coba", "--size", "400", "--duration", "60 ms", "--out", await temporaryFolder()];
      const { stdout, stderr } = await spikevine(...args, ...flags);
      expect(stderr).toBe("");
      const folder = /^run folder: (.*)$/m.exec(stdout)![1]!;
      const names = ["spikes-excitatory.npz", "spikes-inhibitory.npz", "state.spikevine", "config.json"];
      const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
      // The folder is part of the configuration.
      const [config] = files.splice(-1);
      return { stdout, files, keys: Object.keys(JSON.parse(config!.toString())) };
    };
    const [one, two] = [await run(), await run("--threads", "2")];
    expect(two.stdout).toContain("2 threads");
    expect(two.files).toEqual(one.files);
    expect(two.keys).toEqual(one.keys);
    expect((await spikevine("simulate", "net.mjs", "--threads", "2")).stderr).toContain(
      "--threads is 2, but net.mjs makes its own simulation",
    );
    expect((await spikevine("simulate", "coba", "--threads", "0")).stderr).toContain(
      "give a whole number from 1 to 64",
    );
  });

  it("reports a picture that is left out", async () => {
    const args = ["simulate", "coba", "--size", "4000", "--duration", "400 ms", "--out", await temporaryFolder()];
    const { stdout } = await spikevine(...args);
    expect(stdout).toMatch(/^raster\.vl\.json is left out, since \d\d,\d{3} spikes are more than the 20,000 /m);
    const folder = /^run folder: (.*)$/m.exec(stdout)![1]!;
    expect(await readdir(folder)).not.toContain("raster.vl.json");
  });

  it("runs a module of one's own, with its states", async () => {
    // Within the package, so that the module finds it.
    const folder = await mkdtemp(join(process.cwd(), "test", ".simulate-"));
    try {
      const module = join(folder, "pair.ts");
      await writeFile(
        module,
        `import { cubaLif } from "spikevine/neurons";
         import { simulation } from "spikevine/simulation";
         const sim = simulation({ precision: "double" });
         const cells = sim.population("two cells", 2, cubaLif());
         sim.input(cells, { current: ["100 pA", "120 pA"] });
         export default { simulation: sim, spikes: [sim.monitor.spikes(cells)], states: [sim.monitor.state(cells, "v")] };`,
      );
      const { code, stdout, stderr } = await spikevine("simulate", module, "--duration", "50 ms", "--out", folder);
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout).toMatch(/WebAssembly SIMD, double precision/);
      const run = (await readdir(folder)).find((name) => name.endsWith("simulate-pair"))!;
      const files = await readdir(join(folder, run));
      expect(files).toContain("spikes-two-cells.npz");
      expect(files).toContain("two-cells-v.npz");
      expect(files).toContain("traces.svg");
      expect(files).toContain("traces.vl.json");
      await writeFile(join(folder, "empty.mjs"), "export default 3;");
      const refused = await spikevine("simulate", join(folder, "empty.mjs"), "--out", folder);
      expect(refused.stderr).toMatch(/the default export is not a simulation; write/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each<[string[], number, RegExp]>([
    [["cubaa"], 1, /unknown network "cubaa": did you mean "cuba"\?/],
    [["coba", "--size", "7"], 2, /--size is 7; give a whole number of at least 100/],
    [["coba", "--duration", "1 mV"], 2, /--duration is 1 mV/],
    [["coba", "--precision", "half"], 2, /--precision is "half"; give one of single, double/],
    [["coba", "--seed", "x"], 2, /--seed is x; give a whole number/],
    [
      ["coba", "--duration", "0.25 ms"],
      1,
      /--duration is 0.25 ms, which is 2.5 steps of 0.1 ms; give 0.2 ms or 0.3 ms/,
    ],
    [["coba", "--seed", "-1"], 2, /--seed is -1; give a whole number from 0 to 4294967295/],
    [["coba", "--seed", "4294967296"], 2, /--seed is 4294967296; give a whole number from 0 to 4294967295/],
    [["coba", "--sizee", "400"], 2, /unknown flag "--sizee": did you mean "--size"\?/],
    [["missing.ts"], 1, /cannot read "missing.ts": there is no such file/],
    [[], 2, /NETWORK/],
  ])("refuses %j", async (args, code, message) => {
    const refused = await spikevine("simulate", ...args);
    expect(refused.stderr).toMatch(message);
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
    expect(refused.code).toBe(code);
  });
});
