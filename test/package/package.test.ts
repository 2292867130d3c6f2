import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { codeBlocks } from "./code-blocks.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const compiler = join(root, "node_modules/typescript/bin/tsc");

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}

/** An empty TypeScript project, strict, with nothing but the packed tarball in it. */
let project: string;
let packed: Packed;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "spikevine-package-"));
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], {
    cwd: root,
  });
  packed = (JSON.parse(stdout) as Packed[])[0]!;
  await writeFile(join(project, "package.json"), '{ "name": "empty", "private": true, "type": "module" }');
  const compilerOptions = { strict: true, module: "nodenext", target: "es2022", lib: ["es2023", "dom"], types: [] };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", join(project, packed.filename)], {
    cwd: project,
  });
}, 120_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

/** Compiles one script in the project, runs it and returns its output. */
async function compileAndRun(name: string, text: string): Promise<string> {
  await writeFile(join(project, `${name}.ts`), text);
  await run(process.execPath, [compiler, "-p", "."], { cwd: project }).catch((error: { stdout: string }) => {
    throw new Error(`${name}.ts does not compile:\n${error.stdout}`);
  });
  const { stdout } = await run(process.execPath, [`${name}.js`], { cwd: project });
  await rm(join(project, `${name}.ts`));
  return stdout;
}

describe("the packed package", () => {
  it("contains the compiled code and its types, and nothing else", () => {
    const paths = packed.files.map((file) => file.path);
    const expected =
      /^(package\.json|README\.md|LICENSE|dist\/.+\.(js|d\.ts)|studio\/dist\/(index\.html|assets\/[\w.-]+\.(js|css)))$/;
    expect(paths.filter((path) => !expected.test(path))).toEqual([]);
    expect(paths).toContain("dist/src/cli/main.js");
    // The code has at most 1.1 MB, and the page of the studio, if it has been built, 0.6 MB.
    expect(packed.size).toBeLessThan(1_700_000);
  });

  it("names no source maps, since it has none", async () => {
    const folder = join(project, "node_modules/spikevine");
    const scripts = packed.files.map(({ path }) => path).filter((path) => /\.(js|d\.ts)$/.test(path));
    const texts = await Promise.all(scripts.map((path) => readFile(join(folder, path), "utf8")));
    expect(scripts.filter((_, i) => texts[i]!.includes("sourceMappingURL="))).toEqual([]);
  });

  it("gives every entry point, with types, to a strict nodenext project", async () => {
    const printed = await compileAndRun(
      "entries",
      `import { train, evaluate, record } from "spikevine";
import { snu, type NeuronDefinition } from "spikevine/neurons";
import { grapes, sgd } from "spikevine/plasticity";
import { rate } from "spikevine/encoders";
import { dense, network, type Network } from "spikevine/networks";
import { type Point, sweepPoint } from "spikevine/sweep";

const neuron: NeuronDefinition = snu();
const model: Network = network({ inputs: 4, encoder: rate(), steps: 5, layers: [dense(3, neuron)] });
const point: Point = sweepPoint({ units: 3 }, 1);
const kinds: string[] = [train, evaluate, record, grapes, sgd].map((f) => typeof f);
console.log(model.parameters.get("layer1.weights")?.data.length, new Set(kinds).size, point.seed);
`,
    );
    expect(printed).toBe("12 1 1\n");
  }, 60_000);

  it("runs the README's script as it is printed", async () => {
    const [script] = codeBlocks(await readFile(join(root, "README.md"), "utf8"), "ts");
    expect(script).toBeDefined();
    expect(script!.trim().split("\n").length).toBeLessThanOrEqual(25);
    const printed = await compileAndRun("readme", script!);
    expect(Number(/^accuracy ([\d.]+)$/m.exec(printed)![1])).toBeGreaterThan(0.9);
    // Uncompiled, with the command that README gives for Node 20.
    await writeFile(join(project, "lines.ts"), script!);
    const jiti = await run("npx", ["--no-install", "jiti", "lines.ts"], { cwd: project });
    await rm(join(project, "lines.ts"));
    expect(jiti.stdout).toBe(printed);
  }, 60_000);

  it("has the addresses of the repository, and a README whose links hold outside of it", async () => {
    const { homepage, repository, bugs } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const text = await readFile(join(root, "README.md"), "utf8");
    expect(repository.url).toBe(`git+${homepage.replace("#readme", "")}.git`);
    expect(bugs).toBe(`${homepage.replace("#readme", "")}/issues`);
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!);
    expect(links.length).toBeGreaterThan(20);
    for (const to of links) {
      expect(to).toMatch(/^https:\/\//);
      const path = /\/spikevine\/spikevine\/(?:(?:blob|tree)\/)?main\/([^#]+)/.exec(to)?.[1];
      if (path !== undefined) await expect(stat(join(root, path)), to).resolves.toBeDefined();
    }
  });

  it("takes the README's experiment file", async () => {
    const [experiment] = codeBlocks(await readFile(join(root, "README.md"), "utf8"), "json");
    expect(parseExperiment(JSON.parse(experiment!)).network.neuron).toBe("ssnu");
  });

  it("installs the command", async () => {
    const bin = join(project, "node_modules/.bin/spikevine");
    const { stdout } = await run(bin, ["--version"], { cwd: project });
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    expect(stdout, "src/version.ts has the version of package.json").toBe(`${version}\n`);
    await mkdir(join(project, "elsewhere"));
    const help = await run(bin, ["train", "--help"], { cwd: join(project, "elsewhere") });
    expect(help.stdout).toMatch(/--epochs/);
  }, 60_000);
});
