import { table } from "../../src/cli/terminal/table.js";
import { openDevice } from "../../src/device/open.js";
import { SpikevineError } from "../../src/errors.js";
import type { Job } from "../contestants/contestant.js";
import { QUICK_TIMING, type Result, runInterleaved, TIMING } from "../interleaved-timing.js";
import type { Options } from "../options.js";
import { describe, quickly, type Workload, workloadNamed } from "../workloads.js";
import type { Report } from "./report.js";

/** Devices that run in Node without a graphics driver. */
const DEVICES = ["simd", "simd:wide", "simd:fused", "gpujs:webasm", "gpujs:cpu", "reference"];

/** Workload (a) with a quarter of the batch and half of the steps. */
const reduced = (workload: Workload): Workload => ({
  ...workload,
  batch: workload.batch / 4,
  steps: workload.steps / 2,
});

/** The same training step and the same inference on every device, interleaved. */
export async function devicesSection({ quick, threads }: Options): Promise<Report> {
  const workload = quick ? quickly(workloadNamed("a")) : reduced(workloadNamed("a"));
  const here: string[] = [];
  const absent: string[] = [];
  for (const device of DEVICES) {
    const refusal = await refusalOf(device);
    if (refusal === undefined) here.push(device);
    else absent.push(`${device} is not available: ${refusal}`);
  }
  const tables: string[] = [];
  const data: object[] = [];
  for (const each of [workload, { ...workload, mode: "infer" } as const]) {
    const jobs = here.map((device): Job => {
      const input = { workload: each, surrogate: "arctan", input: "online" } as const;
      return { ...input, by: "spikevine", device, threads: Math.max(...threads) };
    });
    const results = await runInterleaved(jobs, quick ? QUICK_TIMING : TIMING);
    tables.push(`${describe(each)}\n\n${tableOf(results)}`);
    data.push({ workload: each, results });
  }
  return {
    title: "Devices: arctan, encoder inside the clock",
    text: [...tables, ...absent].join("\n\n"),
    data: { races: data, absent },
  };
}

function tableOf(results: readonly Result[]): string {
  const fastest = results[0]!.time.median;
  const rows = results.map(({ executor, time, processor, samplesPerSecond, peakResidentMB }) => [
    executor,
    time.median.toFixed(2),
    `${time.lower.toFixed(2)} - ${time.upper.toFixed(2)}`,
    processor.toFixed(2),
    Math.round(samplesPerSecond).toLocaleString("en"),
    peakResidentMB.toFixed(0),
    (time.median / fastest).toFixed(1),
  ]);
  const heading = ["device", "ms", "quartiles", "CPU ms", "samples/s", "MB", "time / simd"];
  return table(heading, rows, [1, 3, 4, 5, 6]);
}

async function refusalOf(name: string): Promise<string | undefined> {
  try {
    await (await openDevice(name)).device.dispose();
    return undefined;
  } catch (error) {
    if (error instanceof SpikevineError) return error.message;
    throw error;
  }
}
