import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fields } from "#spikevine/src/experiment/fields";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { parseSweepSection } from "#spikevine/src/experiment/sweep-section";
import { codeBlocks } from "../package/code-blocks.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const page = (name: string): Promise<string> => readFile(join(root, "docs", name), "utf8");

/** Within the package, so that scripts find it by its name. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(root, "test", ".docs-"));
  const compilerOptions = {
    strict: true,
    module: "nodenext",
    target: "es2022",
    lib: ["es2023", "dom"],
    types: ["node"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Compiles a script of a page and runs it; gives what it prints. */
async function runScript(text: string): Promise<string> {
  const name = /^\/\/ (\S+)\.ts\n/.exec(text)![1]!;
  await writeFile(join(folder, `${name}.ts`), text);
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], { cwd: folder }).catch(
    (error: { stdout: string }) => {
      throw new Error(`${name}.ts does not compile:\n${error.stdout}`);
    },
  );
  const { stdout, stderr } = await run(process.execPath, [`${name}.js`], { cwd: folder });
  expect(stderr).toBe("");
  await rm(join(folder, `${name}.ts`));
  return stdout;
}

describe("docs/sweeps.md", async () => {
  const text = await page("sweeps.md");
  const [sweep, plateau] = codeBlocks(text, "ts");

  it("has a sweep that runs as it is printed, and goes on", async () => {
    const printed = await runScript(sweep!);
    expect(printed).toMatch(/^\| decay \| n \| accuracy \|\n.*\n\| 0\.5 \| 2 \| 0\.\d+ ± 0\.\d+ \|\n\| 0\.9 \| 2 \|/);
    expect(printed).toMatch(/The same in all: samples 300\.\n$/);
    expect(await runScript(sweep!)).toBe(printed);
  }, 120_000);

  it("has a sweep that runs as TypeScript, whose threads load the same file", async () => {
    await writeFile(join(folder, "sweep-in-jiti.ts"), sweep!.replace("runs/decay-sweep", "runs/in-jiti"));
    const jiti = join(root, "node_modules/jiti/lib/jiti-cli.mjs");
    const { stdout, stderr } = await run(process.execPath, [jiti, "sweep-in-jiti.ts"], { cwd: folder });
    await rm(join(folder, "sweep-in-jiti.ts"));
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^\| decay \| n \| accuracy \|\n/);
  }, 120_000);

  it("has a fit that runs as it is printed", async () => {
    expect(await runScript(plateau!)).toMatch(/^slowness 0\.\d{3} ± 0\.\d{3} epochs\nplateau 0\.\d{4} ± 0\.\d{4}\n$/);
  }, 60_000);

  it("has a section of an experiment file that is one", () => {
    const { sweep, ...experiment } = JSON.parse(codeBlocks(text, "json")[0]!);
    expect(parseExperiment(experiment).training.epochs).toBe(20);
    const { vary, seeds } = parseSweepSection(sweep, "page");
    expect([[...vary.keys()].map(({ flag }) => flag), seeds]).toEqual([
      ["learning-rate", "hidden"],
      [0, 1, 2, 3, 4],
    ]);
  });
});

describe("docs/augmentation.md", async () => {
  const text = await page("augmentation.md");

  it("has a training that runs as it is printed", async () => {
    expect(await runScript(codeBlocks(text, "ts")[0]!)).toMatch(/^test accuracy 0\.\d+\n$/);
  }, 60_000);

  it("names the flags and fields that there are", () => {
    const known = fields.filter(({ path }) => path.startsWith("augmentation."));
    for (const { flag } of known) expect(text).toContain(`--${flag}`);
    const named = [...text.matchAll(/--(augment-\w+)/g)].map(([, flag]) => flag);
    expect(new Set(named)).toEqual(new Set(known.map(({ flag }) => flag)));
  });
});

describe("docs/training.md", async () => {
  const text = await page("training.md");

  it("has a training that runs as it is printed, and gives back its best epoch", async () => {
    const printed = await runScript(codeBlocks(text, "ts")[0]!);
    const [, reported, found] = /^epoch [123]: (0\.\d+), given back: (0\.\d+)\n$/.exec(printed)!;
    expect(found).toBe(reported);
  }, 60_000);

  it("has predictions that run as they are printed", async () => {
    const printed = await runScript(codeBlocks(text, "ts")[1]!);
    expect(printed).toMatch(
      /^accuracy 0\.\d+; \d+ of the threes .*\nlargest loss: sample \d+, read as \d, scores [\d,]+\n$/,
    );
  }, 60_000);

  it("has parts of an experiment that compile and run", async () => {
    expect(await runScript(codeBlocks(text, "ts")[2]!)).toBe("");
  }, 60_000);

  it("has micro-batches that take less memory", async () => {
    const printed = await runScript(codeBlocks(text, "ts")[3]!);
    const [, whole, divided] = /^64: (\d+) MiB\n8: (\d+) MiB\n$/.exec(printed)!;
    expect(Number(divided)).toBeLessThan(Number(whole) / 2);
  }, 60_000);

  it("names flags that there are", () => {
    const known = [
      "json",
      "resume",
      "predictions",
      "samples",
      "layers",
      "to",
      "raster",
      "traces",
      ...fields.map(({ flag }) => flag),
    ];
    const named = [...text.matchAll(/--([a-z][a-z-]+)/g)].map(([, flag]) => flag);
    expect(named.length).toBeGreaterThan(3);
    expect(known).toEqual(expect.arrayContaining(named));
  });
});

describe("docs/networks.md", async () => {
  const text = await page("networks.md");
  const [digits, shortForm, resnet, literature] = codeBlocks(text, "ts");

  it("has networks that run as they are printed", async () => {
    expect(await runScript(digits!)).toMatch(/^0(\.\d+)?\n$/);
    expect(await runScript(shortForm!)).toBe("layer1.weights layer3.weights layer5.weights layer6.weights\n");
    // 19 convolutions of 3 x 3, 2 shortcuts and a dense layer; 19 activations, the output; 9 sums; a pool; the input.
    // 312 + 19,264 + 10,250; two convolutions with gain and shift, 784 x 256 and 256 x 10; 375 + 15,000 + 192,000 + 3,000.
    expect(await runScript(literature!)).toBe(`29826 ${144 + 2304 + 64 + 784 * 256 + 2560} 210375\n`);
    expect(await runScript(resnet!)).toBe(`${19 + 2 + 1 + 19 + 1 + 9 + 1 + 1}\n`);
  }, 120_000);

  it("names flags that there are", () => {
    const named = [...text.matchAll(/ --([a-z][a-z-]+)/g)].map(([, flag]) => flag);
    expect(named.length).toBeGreaterThan(2);
    expect(fields.map(({ flag }) => flag)).toEqual(expect.arrayContaining(named));
  });
});

describe("docs/gradients.md", async () => {
  const text = await page("gradients.md");

  it("has a script that runs as it is printed", async () => {
    expect(await runScript(`// gradients.ts\n${codeBlocks(text, "ts")[0]!}`)).toMatch(/^0\.\d+ Float32Array\(32\) \[/);
  }, 60_000);
});

describe("docs/equations.md", async () => {
  const [noisy] = codeBlocks(await page("equations.md"), "ts");

  it("has a script that runs as it is printed", async () => {
    expect(Number(await runScript(`// equations.ts\n${noisy!}`))).toBeGreaterThan(100);
  }, 60_000);
});

describe("docs/data.md", async () => {
  const [script] = codeBlocks(await page("data.md"), "ts");

  it("has a script that runs as it is printed", async () => {
    const printed = await runScript(script!);
    expect(printed).toMatch(
      /^flowers\.csv: 60 samples of 2 values; numbers 0 to 26, mean 9\.95\n2 classes \(setosa, virginica\) of 30 samples\n/,
    );
    expect(Number(/accuracy (.*)\n$/.exec(printed)![1])).toBeGreaterThan(0.85);
  }, 60_000);
});

describe.each([
  ["snntorch", /^accuracy 0\.[89]\d*\n$/],
  ["spikingjelly", /^accuracy 0\.[789]\d*\n0\.75 1\.125 0\.75 1\.125 0\.75\n$/],
  // Computed from the equations of Norse in double precision.
  ["norse", /^0\.000 0\.090 0\.243 0\.438 0\.660 0\.807 0\.896 0\.942\n$/],
  ["nest", /^63\nalone 63 Hz\ncells \d\d\.\d+ Hz\ninhibited 1\d(\.\d+)? Hz\n$/],
])("docs/coming-from-%s.md", (name, printed) => {
  it("has a script that runs as it is printed", async () => {
    expect(await runScript(codeBlocks(await page(`coming-from-${name}.md`), "ts")[0]!)).toMatch(printed);
  }, 60_000);
});

describe("docs/importing.md", async () => {
  const text = await page("importing.md");

  it("has a script that runs as it is printed", async () => {
    const printed = await runScript(codeBlocks(text, "ts")[0]!);
    expect(printed).toBe("fc1.weight -> layer1.weights\nlif1.beta -> layer1: beta 0.5\n0.75 1.125 0.3125\n");
  }, 60_000);
});

describe("docs/nir.md", async () => {
  const [script] = codeBlocks(await page("nir.md"), "ts");

  it("has a script that runs as it is printed", async () => {
    expect(await runScript(script!)).toBe("exact file same step\ntrue\n");
  }, 60_000);
});

describe("docs/data-in-time.md", async () => {
  const scripts = codeBlocks(await page("data-in-time.md"), "ts");

  it.each(scripts.map((text) => [/^\/\/ (\S+)\.ts\n/.exec(text)![1]!, text] as const))(
    "has the script %s, which prints what it says",
    async (name, text) => {
      const printed = await runScript(text);
      const lines = printed.trim().split("\n");
      for (const [, line] of text.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)) expect(lines).toContain(line);
      if (name === "spike-trains") expect(Number(/^accuracy (.*)$/.exec(lines.at(-1)!)![1])).toBeGreaterThan(0.8);
      if (name === "step-by-step") expect(printed).toMatch(/^spikes now Float32Array\(2\)/);
    },
    60_000,
  );
});

describe("docs/losses.md", async () => {
  const scripts = codeBlocks(await page("losses.md"), "ts");
  const printed = [
    /^loss \d+\.\d{3}, accuracy [01]\.\d\d\n$/,
    /^10 scores per sample, the first \d+ spikes of 5 units\n$/,
    /^0\.\d{3} -> 0\.00\d\d\n$/,
    /^true\n$/,
  ];

  it("has a pattern for the output of every script", () => {
    expect(scripts).toHaveLength(printed.length);
  });

  it.each(printed)(
    "has scripts that run as they are printed: %s",
    async (output) => {
      expect(await runScript(`// losses.ts\n${scripts[printed.indexOf(output)]!}`)).toMatch(output);
    },
    60_000,
  );
});

describe("docs/own-definitions.md", async () => {
  const scripts = codeBlocks(await page("own-definitions.md"), "ts");

  it.each(scripts.map((text) => [/^\/\/ (\S+)/.exec(text)![1]!, text]))(
    "%s runs and learns",
    async (_, text) => {
      // Ten classes; imports of the package only.
      expect(text).not.toMatch(/from "(?!spikevine)/);
      expect(Number(/^accuracy ([\d.]+)\n$/.exec(await runScript(text))![1])).toBeGreaterThan(0.45);
    },
    60_000,
  );
});

describe("docs/browser.md", async () => {
  const [script] = codeBlocks(await page("browser.md"), "ts");

  it("has a script that learns", async () => {
    expect(Number(/^accuracy ([\d.]+)\n$/.exec(await runScript(script!))![1])).toBeGreaterThan(0.9);
  });
});
