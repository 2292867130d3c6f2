import { table } from "../../src/cli/terminal/table.js";
import type { Job } from "../contestants/contestant.js";
import { type BenchTiming, runInterleaved } from "../interleaved-timing.js";
import type { Options } from "../options.js";
import { fittedExponent } from "../statistics.js";
import { quickly, synapses, type Workload, workloadNamed } from "../workloads.js";
import type { Report } from "./report.js";

/** One quantity that is varied; the others are those of workload (a). */
interface Axis {
  readonly name: string;
  readonly values: readonly number[];
  vary(workload: Workload, value: number): Workload;
  /** Quantity that the time should be proportional to, if it is not the value itself. */
  readonly against?: (workload: Workload) => number;
  readonly unit: string;
}

const hiddenOf = (workload: Workload, widths: readonly number[]): Workload => ({
  ...workload,
  sizes: [workload.sizes[0]!, ...widths, workload.sizes.at(-1)!],
});

const AXES: readonly Axis[] = [
  { name: "steps", unit: "steps", values: [5, 10, 20, 40, 80], vary: (w, steps) => ({ ...w, steps }) },
  {
    name: "width",
    unit: "synapses",
    values: [64, 128, 256, 512],
    vary: (w, width) => hiddenOf(w, [width, width, width]),
    against: synapses,
  },
  { name: "batch", unit: "samples", values: [16, 32, 64, 128, 256], vary: (w, batch) => ({ ...w, batch }) },
  {
    name: "depth",
    unit: "synapses",
    values: [1, 2, 4, 8],
    vary: (w, depth) => hiddenOf(w, Array(depth).fill(256)),
    against: synapses,
  },
  {
    name: "density",
    unit: "input density",
    values: [0.25, 0.5, 0.75, 1],
    vary: (w, brightness) => ({ ...w, brightness }),
  },
];

const SCALING_TIMING: BenchTiming = { warmUp: 1200, rounds: 5, burst: 250, fewest: 2 };
const QUICK_SCALING_TIMING: BenchTiming = { warmUp: 5, rounds: 1, burst: 5, fewest: 2 };

interface Point {
  readonly axis: string;
  readonly value: number;
  readonly threads: number;
  readonly synapses: number;
  readonly milliseconds: number;
  /** Processor time, all threads. */
  readonly processor: number;
}

/** Exponents of the wall-clock time and of the processor time, which other work on the machine hardly affects. */
interface Exponents {
  readonly time: number;
  readonly processor: number;
}

/** Growth of the time with every size of the work: an exponent of 1 is proportional, one below 1 shows fixed costs. */
export async function scalingSection({ quick, threads }: Options): Promise<Report> {
  const points: Point[] = [];
  const rows: string[][] = [];
  const exponents: Record<string, Exponents> = {};
  for (const axis of quick ? AXES.slice(0, 2) : AXES) {
    for (const count of threads) {
      const measured = await measure(axis, count, quick);
      points.push(...measured.points);
      exponents[`${axis.name}, threads ${count}`] = measured.exponents;
      rows.push([
        axis.name,
        measured.points.map(({ value }) => value).join(" "),
        String(count),
        measured.points.map(({ milliseconds }) => milliseconds.toFixed(2)).join(" "),
        measured.exponents.time.toFixed(2),
        measured.exponents.processor.toFixed(2),
        axis.unit,
      ]);
    }
  }
  return {
    title: "Scaling of one training step, from workload (a), arctan, encoder inside the clock",
    text: [
      table(["varied", "values", "threads", "ms", "exponent", "of CPU time", "against"], rows, [2, 4, 5]),
      ...speedUps(points, threads),
    ].join("\n"),
    data: { points, exponents },
  };
}

async function measure(
  axis: Axis,
  threads: number,
  quick: boolean,
): Promise<{ points: Point[]; exponents: Exponents }> {
  const base = quick ? quickly(workloadNamed("a")) : workloadNamed("a");
  const values = quick ? axis.values.slice(0, 2) : axis.values;
  const workloads = values.map((value) => axis.vary(base, value));
  const jobs = workloads.map(
    (workload): Job => ({ by: "spikevine", workload, surrogate: "arctan", input: "online", device: "simd", threads }),
  );
  const results = await runInterleaved(jobs, quick ? QUICK_SCALING_TIMING : SCALING_TIMING);
  const points = results.map(({ time, processor }, i) => ({
    axis: axis.name,
    value: values[i]!,
    threads,
    synapses: synapses(workloads[i]!),
    milliseconds: time.median,
    processor,
  }));
  const work = workloads.map((workload, i) => axis.against?.(workload) ?? values[i]!);
  const exponentOf = (key: "milliseconds" | "processor"): number =>
    fittedExponent(
      work,
      points.map((point) => point[key]),
    );
  return { points, exponents: { time: exponentOf("milliseconds"), processor: exponentOf("processor") } };
}

/** Gain by every further thread, at the largest size. */
function speedUps(points: readonly Point[], threads: readonly number[]): string[] {
  if (threads.length < 2) return [];
  const last = (axis: string, count: number): Point | undefined =>
    points.filter((point) => point.axis === axis && point.threads === count).at(-1);
  const [one, ...more] = threads;
  return more.map((count) => {
    const gains = AXES.flatMap(({ name }) => {
      const [slow, fast] = [last(name, one!), last(name, count)];
      return slow && fast ? [`${name} ${slow.value}: ${(slow.milliseconds / fast.milliseconds).toFixed(2)}`] : [];
    });
    return `${count} threads against ${one}: ${gains.join(", ")}`;
  });
}
