import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";

/** Runs an example and returns its exit code and output. */
const runExample = (name: string, ...flags: readonly string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [`dist/examples/${name}.js`, ...flags], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

describe("the command line of an example", { timeout: 120_000 }, () => {
  it("--help lists the flags and both sizes, and does nothing else", async () => {
    const { code, stdout } = await runExample("grapes/backpropagation", "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}--threads N/m);
    expect(stdout).toMatch(/^ {2}--augment +augment training images/m);
    expect(stdout).toMatch(/^default: --epochs 5 --seeds 2 --train 2000 --test 1000$/m);
    expect(stdout).toMatch(/^--full: {2}--data mnist --epochs 200 --seeds 10$/m);
    const single = await runExample("snu-authors-mnist", "--help");
    expect(single.stdout).toContain("--epochs");
    expect(single.stdout).not.toContain("--full");
  });

  it.each([
    [["--epoch", "3"], "Unknown option '--epoch'; --help lists the flags."],
    [["more"], "Unexpected argument 'more'"],
    [["--epochs", "x"], '--epochs is "x"; give a whole number of at least 1.'],
    [["--epochs", ""], '--epochs is ""'],
    [["--seeds", "0"], '--seeds is "0"; give a whole number of at least 1.'],
    [["--train", "1.5"], '--train is "1.5"'],
    [["--threads", "0"], '--threads is "0"'],
    [["--data", "mnst"], 'name is "mnst"; did you mean "mnist"?'],
    [["--device", "simdd"], 'unknown device "simdd": did you mean "simd"?'],
  ])("%j is refused in one line", async (flags, message) => {
    const { code, stdout, stderr } = await runExample("grapes/spiking", ...flags);
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("every experiment of GRAPES and of Bio-Adam reads it", async () => {
    const scripts = async (folder: string, isExperiment: (name: string) => boolean) =>
      (await readdir(`examples/${folder}`))
        .filter((file) => file.endsWith(".ts"))
        .map((file) => file.replace(".ts", ""))
        .filter(isExperiment)
        .map((name) => `${folder}/${name}`);
    const parts = /-point$|^(classifiers|distribution|experiment|methods|report|shared-in-thread)$/;
    const grapes = await scripts("grapes", (name) => !parts.test(name));
    const bioAdam = await scripts("bio-adam", (name) => name.startsWith("figure-"));
    expect([grapes.length, bioAdam.length]).toEqual([9, 4]);
    const names = [...grapes, ...bioAdam];
    const helps = await Promise.all(names.map((name) => runExample(name, "--help")));
    helps.forEach(({ code, stdout }, i) => {
      expect({ name: names[i], code, full: stdout.includes("--full") }).toEqual({
        name: names[i],
        code: 0,
        full: true,
      });
    });
  });
});
