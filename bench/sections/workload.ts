import { percent, table } from "../../src/cli/table.js";
import type { Job } from "../contestants/contestant.js";
import { type Density, densities } from "../densities.js";
import type { Options } from "../options.js";
import { PACE, QUICK_PACE, type Result, race } from "../race.js";
import { describe, type Input, quickly, type Surrogate, type Workload, workloadNamed } from "../workloads.js";
import type { Report } from "./report.js";

/** One of the three workloads, by the package and by the plain implementation in turns. */
export async function workloadSection(name: string, { quick, threads }: Options): Promise<Report> {
  const workload = quick ? quickly(workloadNamed(name)) : workloadNamed(name);
  // Inference has no use for a surrogate.
  const surrogates: Surrogate[] = workload.mode === "train" && !quick ? ["arctan", "boxcar"] : ["arctan"];
  const rows: string[][] = [];
  const ratios: Record<string, number> = {};
  const results: object[] = [];
  const notes: string[] = [];
  for (const input of ["pre", "on"] as const) {
    notes.push(`spikes ${input}: ${await densityLine(workload, input)}`);
    for (const surrogate of surrogates) {
      const jobs = contestants(workload, surrogate, input, threads);
      const raced = await race(jobs, quick ? QUICK_PACE : PACE);
      const plain = raced.at(-1)!;
      raced.forEach((result, i) => {
        const { by, threads: used } = jobs[i]!;
        const ratio = plain.time.median / result.time.median;
        const what = workload.mode === "train" ? surrogate : "-";
        rows.push(row(what, input, by, by === "plain" ? 1 : used, result, ratio));
        results.push({ surrogate: what, input, by, threads: used, ratio, ...result });
        if (by === "spikevine") ratios[`${name} ${what} ${input} ${used}`] = ratio;
      });
      notes.push(...speedUps(raced.slice(0, -1), threads).map((gain) => `${surrogate}, spikes ${input}: ${gain}`));
    }
  }
  const heading = [
    "surrogate",
    "spikes",
    "by",
    "threads",
    "ms",
    "quartiles",
    "CPU ms",
    "samples/s",
    "MB",
    "plain / this",
  ];
  return {
    title: `(${name}) ${describe(workload)}`,
    text: [table(heading, rows, [3, 4, 6, 7, 8, 9]), ...notes].join("\n"),
    data: { workload, results, notes },
    ratios,
  };
}

const contestants = (workload: Workload, surrogate: Surrogate, input: Input, threads: readonly number[]): Job[] => {
  const job = { workload, surrogate, input, device: "simd" };
  return [
    ...threads.map((count): Job => ({ ...job, by: "spikevine", threads: count })),
    { ...job, by: "plain", threads: 1 },
  ];
};

function row(what: string, input: Input, by: string, threads: number, result: Result, ratio: number): string[] {
  const { time, processor, samplesPerSecond, peakResidentMB } = result;
  return [
    what,
    input,
    by,
    String(threads),
    time.median.toFixed(2),
    `${time.lower.toFixed(2)} - ${time.upper.toFixed(2)}`,
    processor.toFixed(2),
    Math.round(samplesPerSecond).toLocaleString("en"),
    peakResidentMB.toFixed(0),
    ratio.toFixed(2),
  ];
}

/** What further threads bring against the first number of threads. */
const speedUps = (raced: readonly Result[], threads: readonly number[]): string[] =>
  raced.slice(1).map(({ time }, i) => {
    const gain = raced[0]!.time.median / time.median;
    return `${gain.toFixed(2)} times as fast on ${threads[i + 1]} threads as on ${threads[0]}`;
  });

async function densityLine(workload: Workload, input: Input): Promise<string> {
  const { input: pixels, layers } = await densities(workload, input);
  const shares = (what: keyof Density): string =>
    `input ${percent(pixels[what])}, layers ${layers.map((layer) => percent(layer[what])).join(", ")}`;
  return `${shares("firing")} of the units fire in a step; against the habit of a sample: ${shares("departing")}`;
}
