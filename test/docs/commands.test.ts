import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { applyFlags, readArguments } from "#spikevine/src/cli/command-line/arguments";
import type { Command } from "#spikevine/src/cli/command-line/command";
import { doctor } from "#spikevine/src/cli/commands/doctor";
import { evaluateCommand } from "#spikevine/src/cli/commands/eval";
import { exportCommand } from "#spikevine/src/cli/commands/export";
import { importCommand } from "#spikevine/src/cli/commands/import";
import { recordCommand } from "#spikevine/src/cli/commands/record";
import { simulateCommand } from "#spikevine/src/cli/commands/simulate";
import { studioCommand } from "#spikevine/src/cli/commands/studio";
import { sweepCommand } from "#spikevine/src/cli/commands/sweep";
import { train } from "#spikevine/src/cli/commands/train";
import { workerCommand } from "#spikevine/src/cli/commands/worker";
import { codeBlocks } from "../package/code-blocks.js";

const commands: readonly Command[] = [
  train,
  sweepCommand,
  evaluateCommand,
  recordCommand,
  importCommand,
  exportCommand,
  workerCommand,
  simulateCommand,
  studioCommand,
  doctor,
];
const root = fileURLToPath(new URL("../..", import.meta.url));
const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const pages = ["README.md", ...["", "tutorials"].flatMap((folder) => markdownIn(join("docs", folder)))];

/** The words of a line of a shell script, without its comment. */
const shellWords = (line: string): string[] =>
  [...line.replace(/\s#.*$/, "").matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ""));

/** The arguments of `spikevine` in the shell scripts of a page; `npm start --` is `spikevine train`. */
function commandLines(path: string): string[][] {
  return codeBlocks(readFileSync(join(root, path), "utf8"), "sh")
    .flatMap((script) => script.split("\n"))
    .map((line) => line.replace(/^npm start --/, "spikevine train").replace(/^(?:exec|npx) /, ""))
    .filter((line) => line.startsWith("spikevine "))
    .map((line) => shellWords(line).slice(1));
}
const lines = pages.flatMap((path) => commandLines(path).map((args) => [path, args.join(" "), args] as const));

it.each(lines)("%s: spikevine %s is a valid command line", (_path, _text, [name, ...rest]) => {
  const command = commands.find((known) => known.name === name);
  expect(command, name).toBeDefined();
  const { positionals, values } = readArguments(rest, [...(command!.own ?? []), ...command!.fields]);
  expect(positionals.length).toBeLessThanOrEqual(command!.argument === undefined ? 0 : 1);
  applyFlags({}, new Map([...values].filter(([field]) => command!.fields.includes(field))));
});
