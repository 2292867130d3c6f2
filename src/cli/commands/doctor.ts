import { availableParallelism } from "node:os";
import { type Device, listDevices, openDevice } from "../../device/index.js";
import { SpikevineError } from "../../errors.js";
import { fields } from "../../experiment/fields.js";
import { version } from "../../version.js";
import type { Command } from "../command-line/command.js";
import { measureDevice } from "../doctor/measure-device.js";
import { table } from "../terminal/table.js";

/** `spikevine doctor`: the available devices, the one that `auto` selects, and the speed of each. */
export const doctor: Command = {
  name: "doctor",
  summary: "lists the devices of this machine, the one that auto selects, and the speed of each",
  fields: fields.filter((field) => field.path === "threads"),
  async run({ terminal, experiment }) {
    const { threads } = experiment();
    const options = threads === null ? {} : { threads };
    terminal.line(
      `spikevine ${version()}, Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} cores`,
    );
    terminal.line();
    const auto = await openDevice("auto", options);
    const selected = auto.device.report.name;
    await auto.device.dispose();

    const rows: string[][] = [];
    const absent: string[] = [];
    for (const { name } of listDevices()) {
      terminal.status(`measuring ${name} ...`);
      const outcome = await tryDevice(name, options);
      if ("refused" in outcome) absent.push(`  ${outcome.refused}`);
      rows.push([
        name,
        "refused" in outcome ? "no" : "yes",
        "refused" in outcome ? "" : Math.round(outcome.samplesPerSecond).toLocaleString("en"),
        "refused" in outcome ? "" : outcome.executor,
        name === selected ? "← auto" : "",
      ]);
    }
    terminal.line(table(["device", "available", "samples/s", "runs as", ""], rows, [2]));
    terminal.line("samples/s: training an SNU network 784-64-64-10, 10 steps, batches of 16, with SGD");
    terminal.line();
    terminal.line(`auto selects ${selected}: ${auto.why}.`);
    if (absent.length > 0) terminal.line(["", "Not available:", ...absent].join("\n"));
    return 0;
  },
};

type Outcome = { readonly executor: string; readonly samplesPerSecond: number } | { readonly refused: string };

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
