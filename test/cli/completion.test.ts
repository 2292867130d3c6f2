import { spawnSync } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fields } from "#spikevine/src/experiment/fields";
import { spikevine } from "./run-cli.js";

const required = process.env.SPIKEVINE_REQUIRE_SHELLS === "1";
const lacks = (shell: string): boolean => !required && spawnSync(shell, ["-c", "exit"]).error !== undefined;

/** The script for a shell, in a file. */
async function scriptFor(shell: string): Promise<string> {
  const { code, stdout } = await spikevine("completion", shell);
  expect(code).toBe(0);
  const path = join(await mkdtemp(join(tmpdir(), "spikevine-completion-")), `completion.${shell}`);
  await writeFile(path, stdout);
  return path;
}

function run(command: string, ...args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout.split("\n").filter(Boolean);
}

describe("completion", () => {
  it.skipIf(lacks("bash"))("bash completes commands, flags and values (needs bash)", async () => {
    const path = await scriptFor("bash");
    const complete = (...words: readonly string[]): string[] => {
      const array = words.map((word) => `'${word}'`).join(" ");
      const at = words.length - 1;
      const script = `source "${path}"; COMP_WORDS=(${array}); COMP_CWORD=${at}; _spikevine; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return run("bash", "--norc", "-c", script);
    };
    expect(complete("spikevine", "si")).toEqual(["simulate"]);
    expect(complete("spikevine", "train", "--epo")).toEqual(["--epochs"]);
    expect(complete("spikevine", "train", "--optimizer", "adam")).toEqual(["adam", "adam-w"]);
    expect(complete("spikevine", "eval", "--js")).toEqual(["--json"]);
    expect(complete("spikevine", "completion", "")).toEqual(["bash", "zsh", "fish"]);
    const flags = complete("spikevine", "train", "--");
    for (const { flag } of fields) expect(flags).toContain(`--${flag}`);
  });

  it.skipIf(lacks("zsh"))("zsh accepts the script (needs zsh)", async () => {
    const path = await scriptFor("zsh");
    run("zsh", "-n", path);
    const script = `autoload -Uz compinit && compinit -u -D; source "${path}"; print -r -- $_comps[spikevine]`;
    expect(run("zsh", "-f", "-c", script)).toEqual(["_spikevine"]);
  });

  it.skipIf(lacks("fish"))("fish completes commands, flags and values (needs fish)", async () => {
    const path = await scriptFor("fish");
    const complete = (line: string): string[] =>
      run("fish", "--no-config", "-c", `source "${path}"; complete -C '${line}'`).map((row) => row.split("\t")[0]!);
    expect(complete("spikevine si")).toEqual(["simulate"]);
    expect(complete("spikevine train --epo")).toEqual(["--epochs"]);
    expect(complete("spikevine train --optimizer adam")).toEqual(["adam", "adam-w"]);
    expect(complete("spikevine completion ")).toEqual(expect.arrayContaining(["bash", "fish", "zsh"]));
  });

  it("refuses another shell", async () => {
    const { code, stderr } = await spikevine("completion", "csh");
    expect(code).toBe(2);
    expect(stderr).toBe('spikevine: completion: SHELL is "csh"; give bash, zsh or fish.\n');
  });
});
