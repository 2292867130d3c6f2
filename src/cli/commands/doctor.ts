import { availableParallelism } from "node:os";
import { type Device, listDevices, openDevice } from "../../device/index.js";
import { SpikevineError } from "../../errors.js";
import { fields } from "../../experiment/fields.js";
import { version } from "../../version.js";
import type { Command } from "../command-line/command.js";
import { jsonOutput, jsonTerminal } from "../command-line/json-output.js";
import { openFastest } from "../device/open-fastest.js";
import { measureDevice } from "../doctor/measure-device.js";
import { type Arithmetic, measureArithmetic, PRODUCT } from "../doctor/measure-peak.js";
import { table } from "../terminal/table.js";

const JSON_OUTPUT = jsonOutput("the devices, the choice of auto with the reason, and the speeds");

/** `spikevine doctor`: the available devices, the one that `auto` selects, the speed of each and how far it is from the peak. */
export const doctor: Command = {
  name: "doctor",
  summary: "lists the devices of this machine, the one that auto selects, and the speed of each",
  fields: fields.filter((field) => field.path === "threads"),
  own: [JSON_OUTPUT],
  async run(invocation) {
    const { terminal, print } = jsonTerminal(invocation, JSON_OUTPUT);
    const { threads } = invocation.experiment();
    const options = threads === null ? {} : { threads };
    terminal.line(
      `spikevine ${version()}, Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} cores`,
    );
    terminal.line();
    const auto = await openFastest("auto", options);
    const selected = auto.device.report.name;
    await auto.device.dispose();

    const measured: MeasuredDevice[] = [];
    for (const { name } of listDevices()) {
      terminal.status(`measuring ${name} ...`);
      const outcome = await tryDevice(name, options);
      const hasPeak = !("refused" in outcome) && name.startsWith("simd");
      if (hasPeak) terminal.status(`measuring the arithmetic of ${name} ...`);
      measured.push({ name, ...outcome, ...(hasPeak ? { gigaflops: await arithmeticOf(name) } : {}) });
    }
    const rows = measured.map((device) => [
      device.name,
      ...("refused" in device
        ? ["no", "", ""]
        : ["yes", Math.round(device.samplesPerSecond).toLocaleString("en"), device.executor]),
      device.name === selected ? "← auto" : "",
    ]);
    const arithmetic = measured.flatMap(({ name, gigaflops }) =>
      gigaflops === undefined ? [] : [arithmeticRow(name, gigaflops)],
    );
    const absent = measured.flatMap((device) => ("refused" in device ? [`  ${device.refused}`] : []));
    terminal.line(table(["device", "available", "samples/s", "runs as", ""], rows, [2]), "table");
    terminal.line("samples/s: training an SNU network 784-64-64-10, 10 steps, batches of 16, with SGD");
    terminal.line();
    terminal.line(table(["device", "peak GFLOP/s", "product GFLOP/s", "share"], arithmetic, [1, 2, 3]), "table");
    terminal.line(
      `of one core: a loop of products and sums in registers, and the dense product of ${PRODUCT.rows} rows with a matrix ${PRODUCT.units} x ${PRODUCT.units}`,
    );
    terminal.line(
      "a network skips products with zeros, so its samples/s can exceed those of dense products at the peak",
    );
    terminal.line();
    terminal.line(`auto selects ${selected}: ${auto.why}.`);
    if (absent.length > 0) terminal.line(["", "Not available:", ...absent].join("\n"));
    print(() => ({
      version: version(),
      node: process.versions.node,
      platform: process.platform,
      architecture: process.arch,
      cores: availableParallelism(),
      auto: { device: selected, why: auto.why },
      devices: measured.map(({ name, ...outcome }) => ({ name, available: !("refused" in outcome), ...outcome })),
    }));
    return 0;
  },
};

type MeasuredDevice = { readonly name: string; readonly gigaflops?: Arithmetic } & Outcome;

type Outcome = { readonly executor: string; readonly samplesPerSecond: number } | { readonly refused: string };

async function arithmeticOf(name: string): Promise<Arithmetic> {
  const { device } = await openDevice(name, { threads: 1 });
  try {
    return await measureArithmetic(device);
  } finally {
    await device.dispose();
  }
}

const arithmeticRow = (name: string, { peak, product }: Arithmetic): string[] => [
  name,
  peak.toFixed(1),
  product.toFixed(1),
  `${Math.round((100 * product) / peak)} %`,
];

async function tryDevice(name: string, options: { threads?: number }): Promise<Outcome> {
  let device: Device | undefined;
  try {
    device = (await openDevice(name, options)).device;
    const { executor, fallbackReason } = device.report;
    const samplesPerSecond = await measureDevice(device);
    return { executor: fallbackReason ? `${executor} (${fallbackReason})` : executor, samplesPerSecond };
  } catch (error) {
    if (error instanceof SpikevineError) return { refused: error.message };
    throw error;
  } finally {
    await device?.dispose();
  }
}
