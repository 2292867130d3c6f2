import { describe, expect, it } from "vitest";
import { fields } from "#spikevine/src/experiment/fields";
import { spikevine } from "./run-cli.js";

describe("help", () => {
  it("lists the commands", async () => {
    const { code, stdout } = await spikevine("--help");
    expect(code).toBe(0);
    for (const command of ["train", "eval", "doctor"]) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    expect((await spikevine()).code).toBe(2);
  });

  it("shows every flag of train with its default, on lines that fit", async () => {
    const { code, stdout } = await spikevine("train", "--help");
    expect(code).toBe(0);
    for (const { flag } of fields) expect(stdout).toMatch(new RegExp(`^  --${flag}( |$)`, "m"));
    expect(stdout).toContain("[256,256,256]");
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it("prints the version alone", async () => {
    expect((await spikevine("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
