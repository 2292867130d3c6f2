import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { table } from "../../src/cli/terminal/table.js";
import { inWords, thisMachine } from "../machine.js";

// node dist/bench/brian2/main.js [--networks coba,cuba,stdp,vogels] [--sizes 4000,16000] [--rounds 3] [--cython] [--single] [--threads 1]
// Balanced networks and networks that learn for 1 s at dt 0.1 ms, against Brian2 (Debian: python3-brian) on this machine: C++
// standalone, and Cython on request. Rounds are interleaved. The minimum time of all rounds counts, since other work can
// only add time: that of the processor for one thread, else wall time, with OpenMP in Brian2.
const { values } = parseArgs({
  options: {
    networks: { type: "string", default: "coba,cuba,stdp,vogels" },
    sizes: { type: "string" },
    rounds: { type: "string", default: "3" },
    python: { type: "string", default: "/usr/bin/python3" },
    cython: { type: "boolean", default: false },
    single: { type: "boolean", default: false },
    threads: { type: "string", default: "1" },
  },
});

/** Sizes of each network, and the script that builds it in Brian2. */
const NETWORKS: Readonly<Record<string, { readonly sizes: readonly number[]; readonly script: string }>> = {
  coba: { sizes: [4000, 16_000, 64_000], script: "balanced_network.py" },
  cuba: { sizes: [4000, 16_000, 64_000], script: "balanced_network.py" },
  stdp: { sizes: [100, 1000], script: "plastic_network.py" },
  vogels: { sizes: [10_000], script: "plastic_network.py" },
};
const scriptOf = (kind: string): string =>
  fileURLToPath(new URL(`../../../bench/brian2/${NETWORKS[kind]!.script}`, import.meta.url));
const CONTESTANT = fileURLToPath(new URL("./contestant.js", import.meta.url));

const THREADS = Number(values.threads);

interface Measurement {
  /** Processor time and wall time for one second of the model, s, without building. */
  readonly cpu: number;
  readonly wall: number;
  readonly build: number;
  /** Spikes per neuron in that second. */
  readonly rate: number;
}

const timeOf = ({ cpu, wall }: Measurement): number => (THREADS === 1 ? cpu : wall);

const run = (command: string, args: readonly string[], cwd?: string): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 28, cwd });

const lastLine = (text: string): unknown => JSON.parse(text.trim().split("\n").at(-1)!);

/** Builds once; every round runs the program. Brian's own figure is the time of its loop over the steps. */
function brianStandalone(kind: string, size: number): () => Measurement {
  const folder = join(tmpdir(), `spikevine-brian2-${kind}-${size}-${THREADS}`);
  const openMp = String(THREADS === 1 ? 0 : THREADS);
  mkdirSync(folder, { recursive: true });
  const { seconds } = lastLine(run(values.python, [scriptOf(kind), "build", kind, String(size), folder, openMp])) as {
    seconds: number;
  };
  return () => {
    run(join(folder, "main"), [], folder);
    // std::clock around the loop, hence processor time; with OpenMP wall time.
    const time = Number(readFileSync(join(folder, "results", "last_run_info.txt"), "utf8").split(" ")[0]);
    return { cpu: time, wall: time, build: seconds, rate: spikeCount(folder) / size };
  };
}

/** Brian writes the neuron of every spike with 4 bytes. */
function spikeCount(folder: string): number {
  const results = join(folder, "results");
  const file = run("ls", [results])
    .split("\n")
    .find((name) => name.startsWith("_dynamic_array_spikemonitor_i"));
  return file === undefined || !existsSync(join(results, file))
    ? Number.NaN
    : readFileSync(join(results, file)).length / 4;
}

console.log(`${inWords(thisMachine())}\n`);
for (const kind of values.networks.split(",")) {
  for (const size of values.sizes?.split(",").map(Number) ?? NETWORKS[kind]!.sizes) {
    const ours = (precision: string) => () =>
      lastLine(run(process.execPath, [CONTESTANT, kind, String(size), precision, values.threads])) as Measurement;
    const contestants: Record<string, () => Measurement> = {
      "Spikevine, double": ours("double"),
      ...(values.single ? { "Spikevine, single": ours("single") } : {}),
      "Brian2, C++ standalone": brianStandalone(kind, size),
      ...(values.cython && NETWORKS[kind]!.script.startsWith("balanced")
        ? {
            "Brian2, Cython": () =>
              lastLine(run(values.python, [scriptOf(kind), "cython", kind, String(size)])) as Measurement,
          }
        : {}),
    };
    const best = new Map<string, Measurement>();
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [name, take] of Object.entries(contestants)) {
        const measured = take();
        const before = best.get(name);
        if (before === undefined || timeOf(measured) < timeOf(before)) best.set(name, measured);
      }
    }
    const least = timeOf(best.get("Spikevine, double")!);
    const rows = [...best].map(([name, measured]) => [
      name,
      timeOf(measured).toFixed(3),
      (timeOf(measured) / least).toFixed(2),
      measured.build.toFixed(1),
      measured.rate.toFixed(2),
    ]);
    const heading = [
      `${kind}, ${size} neurons`,
      THREADS === 1 ? "CPU s for 1 s" : "wall s for 1 s",
      "times Spikevine",
      "build s",
      "Hz",
    ];
    console.log(`${table(heading, rows, [1, 2, 3, 4])}\n`);
  }
}
