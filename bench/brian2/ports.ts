import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { table } from "../../src/cli/terminal/table.js";
import { inWords, thisMachine } from "../machine.js";

// node dist/bench/brian2/ports.js [--only cuba,cobahh] [--target numpy] [--python /usr/bin/python3]
// The ports of Brian2's examples (examples/brian2), each beside a script that says the same to Brian2 (Debian:
// python3-brian). Prints the figures of both, and the processor time of both processes. Without Brian2 it says so and
// prints the ports alone.
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    target: { type: "string", default: "numpy" },
    python: { type: "string", default: "/usr/bin/python3" },
  },
});

const SCRIPTS = fileURLToPath(new URL("../../../bench/brian2/ports/", import.meta.url));
const PORTS = fileURLToPath(new URL("../../examples/brian2/", import.meta.url));
/** Has a process write its processor seconds (user and system) as the last line of its output. */
const COUNT = `data:text/javascript,${encodeURIComponent(
  `process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ cpu: (user + system) / 1e6 }));
  });`,
)}`;

interface Outcome {
  /** Lines of the figures. */
  readonly figures: string;
  /** Processor seconds of the process. */
  readonly cpu: number;
  /** Brian2: without the start of Python and the import of Brian2. */
  readonly imported?: number;
}

/** Runs a program whose last line is JSON. */
function run(command: string, args: readonly string[]): Outcome {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed (${status}):\n${String(stderr).slice(-2000)}`);
  }
  const lines = stdout.trim().split("\n");
  const numbers = JSON.parse(lines.pop()!) as Omit<Outcome, "figures">;
  return { figures: lines.join("\n").trim(), ...numbers };
}

function runPort(name: string): Outcome {
  const out = mkdtempSync(join(tmpdir(), "spikevine-port-"));
  try {
    const outcome = run(process.execPath, ["--import", COUNT, join(PORTS, `${name}.js`), "--out", out]);
    return { ...outcome, figures: outcome.figures.replace(join(out, `${name}.svg`), "").trim() };
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** The version of Brian2, or undefined if this Python does not have it. */
function brianVersion(): string | undefined {
  const { status, stdout } = spawnSync(values.python, ["-c", "import brian2; print(brian2.__version__)"], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

const known = readdirSync(SCRIPTS)
  .filter((file) => file.endsWith(".py") && file !== "port.py")
  .map((file) => file.slice(0, -3).replaceAll("_", "-"))
  .sort();
const chosen = values.only?.split(",") ?? known;
const unknown = chosen.find((name) => !known.includes(name));
if (unknown !== undefined) {
  console.error(`--only: there is no script for "${unknown}"; give some of ${known.join(", ")}.`);
  process.exit(2);
}
const version = brianVersion();
console.log(`${inWords(thisMachine())}\n`);
console.log(
  version === undefined
    ? `${values.python} has no Brian2 (Debian: python3-brian); these are the ports alone.\n`
    : `Brian2 ${version}, target ${values.target}.\n`,
);
const rows: string[][] = [];
for (const name of chosen) {
  const ours = runPort(name);
  console.log(`## ${name}\n\nSpikevine:\n\n${ours.figures}\n`);
  const row = [name, ours.cpu.toFixed(2)];
  if (version !== undefined) {
    const script = join(SCRIPTS, `${name.replaceAll("-", "_")}.py`);
    const theirs = run(values.python, [script, "--target", values.target]);
    console.log(`Brian2:\n\n${theirs.figures}\n`);
    row.push(theirs.cpu.toFixed(2), theirs.imported!.toFixed(2));
  }
  rows.push(row);
}
const heading = ["CPU s", "Spikevine", ...(version === undefined ? [] : ["Brian2", "Brian2 without its import"])];
console.log(table(heading, rows, [1, 2, 3]));
