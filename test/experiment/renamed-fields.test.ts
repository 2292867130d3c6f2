import { describe, expect, it } from "vitest";
import { readArguments } from "#spikevine/src/cli/command-line/arguments";
import { fields } from "#spikevine/src/experiment/fields";
import { parseExperiment } from "#spikevine/src/experiment/parse";
import { RENAMED_FIELDS } from "#spikevine/src/experiment/renamed-fields";
import { sweepField } from "#spikevine/src/experiment/sweep-section";

describe.each(RENAMED_FIELDS)("$from", ({ from, to, flag, newFlag }) => {
  it("has a new name, and no field has the old one", () => {
    expect(fields.find(({ path }) => path === to)?.flag).toBe(newFlag);
    expect(fields.some((field) => field.path === from || field.flag === flag)).toBe(false);
  });

  it("is refused in a file with the new name", () => {
    const [section, key] = from.split(".") as [string, string];
    expect(() => parseExperiment({ [section]: { [key]: 1 } }, "a.json")).toThrow(
      `a.json: field "${from}" is called "${to}" now; rename it.`,
    );
  });

  it("is refused as a flag with the new name", () => {
    for (const [was, is] of [
      [`--${flag}`, `--${newFlag}`],
      [`--no-${flag}`, `--no-${newFlag}`],
    ] as const) {
      for (const words of [[was], [was, "1"], [`${was}=1`]]) {
        expect(() => readArguments(words, fields)).toThrow(`flag "${was}" is called "${is}" now; give that.`);
      }
    }
  });

  it("is refused in a sweep with the new name", () => {
    expect(() => sweepField(from, "a.json: sweep.vary")).toThrow(
      `a.json: sweep.vary: field "${from}" is called "${to}" now; rename it.`,
    );
    expect(() => sweepField(flag, "--set")).toThrow(`--set: field "${flag}" is called "${newFlag}" now; rename it.`);
  });
});
