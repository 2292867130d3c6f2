import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDevice } from "../src/device/open.js";
import { inWords, thisMachine } from "./machine.js";
import { type Options, readOptions, type Section, USAGE } from "./options.js";
import { readBaseline, regressions, writeBaseline } from "./ratios.js";
import { convolutionSection } from "./sections/convolution.js";
import { devicesSection } from "./sections/devices.js";
import type { Report } from "./sections/report.js";
import { rooflineSection } from "./sections/roofline.js";
import { scalingSection } from "./sections/scaling.js";
import { workloadSection } from "./sections/workload.js";

const RUN: Readonly<Record<Section, (options: Options) => Promise<Report>>> = {
  a: (options) => workloadSection("a", options),
  b: (options) => workloadSection("b", options),
  c: (options) => workloadSection("c", options),
  d: (options) => workloadSection("d", options),
  roofline: rooflineSection,
  convolution: convolutionSection,
  scaling: scalingSection,
  devices: devicesSection,
};

/**
 * `npm run bench`. Prints a table per section and writes all results as JSON under bench/results.
 * @param root Folder of the repository.
 * @returns The exit code: 1 if a ratio against the plain implementation has fallen by more than a third.
 */
export async function main(root: string, args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(args);
    // An unavailable device is refused before anything is measured.
    if (options !== "help") for (const name of options.devices) await (await openDevice(name)).device.dispose();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error, `\n\n${USAGE}`);
    return 2;
  }
  if (options === "help") {
    console.log(USAGE);
    return 0;
  }
  const machine = thisMachine();
  const date = new Date().toISOString();
  console.log(`${inWords(machine)}\n`);
  const reports: Record<string, Report> = {};
  for (const section of options.only) {
    const report = await RUN[section](options);
    reports[section] = report;
    console.log(`${report.title}\n\n${report.text}\n`);
  }
  const file = keep(root, date, { machine, date, options, reports });
  console.log(`Written to ${file}.`);
  return options.quick ? 0 : judge(root, options, reports, { machine: machine.cpu, date });
}

function keep(root: string, date: string, everything: object): string {
  const folder = join(root, "bench", "results");
  mkdirSync(folder, { recursive: true });
  const name = `${date.replaceAll(":", "-").replace(/\..*$/, "")}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify(everything, undefined, 2)}\n`);
  return join("bench", "results", name);
}

/** Compares with the baseline, or becomes it. */
function judge(
  root: string,
  options: Options,
  reports: Readonly<Record<string, Report>>,
  where: { machine: string; date: string },
): number {
  const ratios = Object.assign({}, ...Object.values(reports).map((report) => report.ratios ?? {}));
  if (options.record) {
    writeBaseline(root, { ...where, ratios });
    console.log("bench/baseline.json now contains the ratios of this run.");
    return 0;
  }
  const baseline = readBaseline(root);
  if (baseline === undefined) {
    console.log(
      "bench/baseline.json is missing, so the ratios are not compared; record it with --record on a quiet machine.",
    );
    return 0;
  }
  const fallen = regressions(ratios, baseline.ratios);
  for (const { name, now, before } of fallen) {
    console.error(
      `REGRESSION ${name}: ${now.toFixed(2)} times the plain implementation; ${before.toFixed(2)} was recorded on ${baseline.date.slice(0, 10)}.`,
    );
  }
  return fallen.length > 0 ? 1 : 0;
}
