import { table } from "../../src/cli/terminal/table.js";
import type { Device } from "../../src/device/contract.js";
import { openDevice } from "../../src/device/open.js";
import {
  flops,
  KINDS,
  type Kind,
  LAYERS,
  QUICK_LAYER,
  type Sparsity,
  type TimedLayer,
  timedPlan,
} from "../convolution/operations.js";
import type { Options } from "../options.js";
import { median } from "../statistics.js";
import type { Report } from "./report.js";

const DENSITIES = [0.05, 0.1, 0.2, 0.4];

/** What can be sparse in each operation. */
const SPARSITIES: Readonly<Record<Kind, readonly Sparsity[]>> = {
  current: ["spikes"],
  weightGradient: ["spikes"],
  inputGradient: ["errors", "active units"],
};

const NAMES: Readonly<Record<Kind, string>> = {
  current: "current",
  weightGradient: "weight gradient",
  inputGradient: "input gradient",
};

/** Processor time of every contestant after the warm-up, ms. */
const MEASURED = 250;
const WARM_UP = 300;
const FEWEST = 5;

/** Convolutions of sparse signals against the dense kernels of the same run, on one thread. */
export async function convolutionSection({ quick }: Options): Promise<Report> {
  const { device } = await openDevice("simd", { threads: 1 });
  const layers = quick ? [QUICK_LAYER] : LAYERS;
  const rows: string[][] = [];
  const results: object[] = [];
  try {
    for (const layer of layers) {
      for (const kind of KINDS) {
        for (const result of await timeKind(device, layer, kind, quick)) {
          const { sparsity, density, milliseconds, ratio } = result;
          const rate = flops(layer) / milliseconds / 1e6;
          const what = sparsity === "none" ? "dense" : `${sparsity} ${100 * density} %`;
          rows.push([layer.label, NAMES[kind], what, milliseconds.toFixed(2), rate.toFixed(0), ratio.toFixed(1)]);
          results.push({ layer: layer.label, kind, ...result, rate });
        }
      }
    }
  } finally {
    await device.dispose();
  }
  const heading = ["convolution", "operation", "sparse", "CPU ms", "dense GFLOP/s", "dense / this"];
  return {
    title: "Sparse convolutions, one thread",
    text: `${table(heading, rows, [3, 4, 5])}\n\n${NOTE}`,
    data: { results },
  };
}

interface Timed {
  readonly sparsity: Sparsity;
  readonly density: number;
  readonly milliseconds: number;
  /** Time of the dense kernel of the same round, relative to this. */
  readonly ratio: number;
}

/** One operation of a layer, dense and with every sparsity, interleaved; medians. */
async function timeKind(device: Device, layer: TimedLayer, kind: Kind, quick: boolean): Promise<Timed[]> {
  const densities = quick ? DENSITIES.slice(0, 1) : DENSITIES;
  const cases = [
    { sparsity: "none" as Sparsity, density: 1 },
    ...SPARSITIES[kind].flatMap((sparsity) => densities.map((density) => ({ sparsity, density }))),
  ];
  const runs = await Promise.all(
    cases.map(async (each) => {
      const { plan, signals, weights } = timedPlan(layer, kind, each);
      const program = await device.compile(plan);
      if (kind !== "weightGradient") await program.writeTensor("weights", weights);
      return {
        ...each,
        run: () => program.run("run", { samples: layer.samples, signals }),
        dispose: () => program.dispose(),
      };
    }),
  );
  const times = runs.map((): number[] => []);
  const warmUp = quick ? 0 : WARM_UP;
  for (const { run } of runs) {
    for (let spent = 0; spent <= warmUp; ) spent += await timeOf(run);
  }
  const spent = runs.map(() => 0);
  while (times.some((of, i) => of.length < FEWEST || (!quick && spent[i]! < MEASURED))) {
    for (const [i, { run }] of runs.entries()) {
      const time = await timeOf(run);
      times[i]!.push(time);
      spent[i]! += time;
    }
  }
  for (const { dispose } of runs) await dispose();
  const dense = median(times[0]!);
  return runs.map(({ sparsity, density }, i) => {
    const milliseconds = median(times[i]!);
    return { sparsity, density, milliseconds, ratio: dense / milliseconds };
  });
}

/** Processor time of a run, ms. */
async function timeOf(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const NOTE = `"dense" is the device's kernel for values without a zero. Runs are timed whole: spikes are listed from bits, lists and
error planes are built, and with active units the adjoint scan that needs their errors is part of the run.`;
