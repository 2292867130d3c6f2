import { percent, table } from "../../src/cli/terminal/table.js";
import type { Job } from "../contestants/contestant.js";
import { type Density, densities } from "../densities.js";
import { QUICK_TIMING, type Result, runInterleaved, TIMING } from "../interleaved-timing.js";
import type { Options, TimedDevice } from "../options.js";
import { describe, type Input, inputsOf, quickly, type Surrogate, type Workload, workloadNamed } from "../workloads.js";
import type { Report } from "./report.js";

/** One of the workloads: the package and the plain implementation, interleaved. */
export async function workloadSection(name: string, { quick, threads, devices }: Options): Promise<Report> {
  const workload = quick ? quickly(workloadNamed(name)) : workloadNamed(name);
  // Inference does not use the surrogate.
  const surrogates: Surrogate[] = workload.mode === "train" && !quick ? ["arctan", "boxcar"] : ["arctan"];
  const rows: string[][] = [];
  const ratios: Record<string, number> = {};
  const results: object[] = [];
  const notes: string[] = [];
  for (const input of inputsOf(workload)) {
    notes.push(`${inWords(input)}: ${await densityLine(workload, input)}`);
    for (const surrogate of surrogates) {
      const jobs = contestants({ workload, surrogate, input }, devices, threads);
      const timed = await runInterleaved(jobs, quick ? QUICK_TIMING : TIMING);
      const plain = timed.at(-1)!;
      timed.forEach((result, i) => {
        const { by, device, threads: used } = jobs[i]!;
        const ratio = plain.time.median / result.time.median;
        const what = workload.mode === "train" ? surrogate : "-";
        rows.push(row(what, input, by + unlessSimd(device), used, result, ratio));
        results.push({ surrogate: what, input, by, threads: used, ratio, ...result });
        if (by === "spikevine") ratios[`${name} ${what} ${input} ${used}${unlessSimd(device)}`] = ratio;
      });
      notes.push(...gains(timed, devices, threads).map((gain) => `${surrogate}, ${inWords(input)}: ${gain}`));
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

/** Every device with every number of threads, then the plain implementation. */
const contestants = (
  what: Pick<Job, "workload" | "surrogate" | "input">,
  devices: readonly TimedDevice[],
  threads: readonly number[],
): Job[] => [
  ...devices.flatMap((device) => threads.map((count): Job => ({ ...what, by: "spikevine", device, threads: count }))),
  { ...what, by: "plain", device: "simd", threads: 1 },
];

const inWords = (input: Input): string => (input === "image" ? "images" : `spikes ${input}`);

/** Suffix of a name; names without a suffix mean `simd`. */
const unlessSimd = (device: string): string => (device === "simd" ? "" : ` ${device}`);

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

/** Gains by further numbers of threads over the first number, and by further devices over the first one. */
function gains(timed: readonly Result[], devices: readonly TimedDevice[], threads: readonly number[]): string[] {
  const median = (device: number, count: number): number => timed[device * threads.length + count]!.time.median;
  const times = (slow: number, fast: number): string => `${(slow / fast).toFixed(2)} times as fast`;
  const ofThreads = devices.flatMap((device, d) =>
    threads.slice(1).map((count, i) => {
      const gain = times(median(d, 0), median(d, i + 1));
      return `${gain} on ${count} threads as on ${threads[0]}${device === "simd" ? "" : `, on ${device}`}`;
    }),
  );
  const ofDevices = devices.slice(1).flatMap((device, d) =>
    threads.map((count, i) => {
      const gain = times(median(0, i), median(d + 1, i));
      return `${gain} on ${device} as on ${devices[0]}, ${count} thread${count === 1 ? "" : "s"}`;
    }),
  );
  return [...ofThreads, ...ofDevices];
}

async function densityLine(workload: Workload, input: Input): Promise<string> {
  const { input: pixels, layers } = await densities(workload, input);
  const percentages = (what: keyof Density): string =>
    `${input === "image" ? "" : `input ${percent(pixels[what])}, `}layers ${layers.map((layer) => percent(layer[what])).join(", ")}`;
  return `${percentages("firing")} of the units fire in a step; deltas from the baseline of a sample: ${percentages("deltas")}`;
}
