import { table } from "../../src/cli/terminal/table.js";
import type { Device } from "../../src/device/contract.js";
import { openDevice } from "../../src/device/open.js";
import { type Densities, densities } from "../densities.js";
import type { Options } from "../options.js";
import { OperationBench, type Timing } from "../roofline/operations.js";
import { measurePeak, type Peak } from "../roofline/peak.js";
import { type Achieved, achieved, TARGETS, type Target } from "../roofline/targets.js";
import { inputsOf, quickly, type Workload, workloadNamed } from "../workloads.js";
import type { Report } from "./report.js";

const TIMING: Timing = { warmUp: 1500, measured: 2000 };
const QUICK_TIMING: Timing = { warmUp: 5, measured: 5 };

/** Every kernel of a training step next to the peak performance of one core of this machine. */
export async function rooflineSection({ quick }: Options): Promise<Report> {
  const peak = await measurePeak(quick ? 5 : 1000);
  const { device } = await openDevice("simd", { threads: 1 });
  const measured: { target: Target; milliseconds: number; result: Achieved }[] = [];
  const known = new Map<string, Densities>();
  try {
    for (const target of TARGETS) {
      const workload = quick ? quickly(workloadNamed(target.workload)) : workloadNamed(target.workload);
      const firing = known.get(target.workload) ?? (await densities(workload, inputsOf(workload).at(-1)!));
      known.set(target.workload, firing);
      const milliseconds = await time(device, target, workload, quick ? QUICK_TIMING : TIMING);
      measured.push({ target, milliseconds, result: achieved(target.work(workload, firing), milliseconds, peak) });
    }
  } finally {
    await device.dispose();
  }
  const rows = measured.map(({ target, milliseconds, result }) =>
    // The difference of two noisy times can be negative.
    milliseconds > 0 ? row(target.label, milliseconds, result) : [target.label, "lost in noise"],
  );
  const heading = ["operation", "ms", "achieved", "bound", "of bound", "dense GFLOP/s"];
  return {
    title: "Roofline, one thread, workloads (a), (c) and (d)",
    text: `${peakInWords(peak)}\n\n${table(heading, rows, [1, 2, 3, 4, 5])}\n\n${NOTE}`,
    data: {
      peak,
      densities: Object.fromEntries(known),
      operations: measured.map(({ target: { label }, milliseconds, result }) => ({ label, milliseconds, ...result })),
    },
  };
}

const row = (label: string, milliseconds: number, { rate, unit, bound, denseEquivalent }: Achieved): string[] => [
  label,
  milliseconds.toFixed(3),
  `${rate.toFixed(1)} ${unit}`,
  bound === undefined ? "" : bound.toFixed(1),
  bound === undefined ? "" : `${((100 * rate) / bound).toFixed(0)} %`,
  denseEquivalent?.toFixed(0) ?? "",
];

const time = (device: Device, target: Target, workload: Workload, timing: Timing): Promise<number> =>
  new OperationBench(device, workload, target.surrogate).milliseconds((operation) => target.isIt(operation), timing);

const peakInWords = (peak: Peak): string =>
  [
    `arithmetic ${peak.arithmetic.toFixed(1)} GFLOP/s`,
    `reading ${peak.readL1.toFixed(0)} (L1), ${peak.readL2.toFixed(0)} (L2), ${peak.readMemory.toFixed(1)} (memory) GB/s`,
    `triad ${peak.triadL2.toFixed(0)} (L2), ${peak.triadMemory.toFixed(1)} (memory) GB/s`,
  ].join("; ");

const NOTE = `Bounds: products, the arithmetic of f32x4 (more than 100 % if zeros are skipped); sums of rows, reading from
L1 (four bytes loaded for every addition); the rest, the triad in L2. "dense GFLOP/s" is the speed a dense product would need
to finish as early.`;
