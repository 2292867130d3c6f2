import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compiler messages about a text as if it were in this repository. */
async function compilerOn(text: string): Promise<string> {
  const folder = await mkdtemp(join(root, "test", "simulation", "types-"));
  const compiler = join(createRequire(import.meta.url).resolve("typescript/package.json"), "..", "bin", "tsc");
  try {
    await writeFile(join(folder, "snippet.ts"), text);
    const base = JSON.parse(await readFile(join(root, "tsconfig.json"), "utf8")) as { compilerOptions: object };
    const compilerOptions = { ...base.compilerOptions, noEmit: true, incremental: false, rootDir: root };
    const { tsBuildInfoFile: _, outDir: __, ...options } = compilerOptions as Record<string, unknown>;
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, include: ["snippet.ts"] }),
    );
    return await new Promise((resolve) => {
      execFile(process.execPath, [compiler, "-p", folder], (_error, stdout) => resolve(stdout));
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("the compiler names a misspelt option of connect, and knows what connect returns", async () => {
  const said = await compilerOn(`
    import { cobaLif } from "#spikevine/neurons/index";
    import { stdp } from "#spikevine/plasticity/index";
    import { simulation } from "#spikevine/src/simulation/index";
    const sim = simulation();
    const p = sim.population("p", 2, cobaLif());
    export const target: string = sim.connect(p, p, { pattern: "all-to-all", target: "ge", weight: 1 }).target;
    export const name: string = sim.connect(p, [p], { pattern: "all-to-all", weight: 1, synapse: stdp() })[0]!.synapse.name;
    sim.connect(p, p, { pattern: "all-to-all", target: "ge", weight: 1, delays: "5 ms" });
    sim.connect(p, [p], { pattern: "all-to-all", weight: 1, synapse: stdp(), autapse: false });
    sim.connect(p, p, { pattern: "all-to-all", weight: 1 });
  `);
  const lines = said
    .trim()
    .split("\n")
    .filter((line) => line.includes("error TS"));
  expect(lines).toEqual([
    expect.stringMatching(/\(9,.*'delays' does not exist.*'delay'/),
    expect.stringMatching(/\(10,.*'autapse' does not exist.*'autapses'/),
    expect.stringMatching(/\(11,/),
  ]);
  expect(said).toMatch(/'target' is missing/);
});
