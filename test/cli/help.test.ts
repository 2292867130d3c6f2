import { describe, expect, it } from "vitest";
import { fields } from "#spikevine/src/experiment/fields";
import { spikevine } from "./run-cli.js";

const COMMANDS = [
  "train",
  "sweep",
  "eval",
  "record",
  "import",
  "export",
  "worker",
  "simulate",
  "studio",
  "doctor",
  "completion",
];

describe("help", () => {
  it("lists the commands", async () => {
    const { code, stdout } = await spikevine("--help");
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    expect((await spikevine()).code).toBe(2);
  });

  it("shows every flag of train with its default, on lines that fit", async () => {
    const { code, stdout } = await spikevine("train", "--help");
    expect(code).toBe(0);
    for (const { flag } of fields) expect(stdout).toMatch(new RegExp(`^  --${flag}( |$)`, "m"));
    expect(stdout).toContain("[256,256,256]");
  });

  it.each([["--help"], ...COMMANDS.map((name) => [name, "--help"])])("fits 80 columns: %s %s", async (...args) => {
    const { stdout } = await spikevine(...args.filter(Boolean));
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each(["--version", "-V", "-v"])("prints the version alone: %s", async (flag) => {
    expect((await spikevine(flag)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [["eval", "runs/x", "--test-steps", "30"], 'flag "--test-steps" is called "--steps" here; give that.'],
    [["train", "--train", "30"], 'unknown flag "--train": did you mean "--train-samples"?'],
    [["train", "--epoch", "3"], 'unknown flag "--epoch": did you mean "--epochs"?'],
  ])("suggests the right flag: %j", async (args, message) => {
    expect((await spikevine(...args)).stderr).toBe(`spikevine: ${message}\n`);
  });
});
