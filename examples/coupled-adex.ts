// Two adaptive exponential neurons (Brette and Gerstner 2005, with its parameters) that are coupled with a delay of 2 ms
// and driven by the same current from different initial states: uncoupled, synchronized by excitation, and alternating with
// inhibition.
import { adex } from "spikevine";
import { membraneTraces } from "spikevine/plots";
import { type QuantityLike, simulation } from "spikevine/simulation";
import { saveFigure } from "./settings.js";

async function pair(target: "ge" | "gi", weight: QuantityLike) {
  const sim = simulation({ dt: "0.05 ms" });
  const cells = sim.population("cells", 2, adex(), { initial: { v: ["-70.6 mV", "-60 mV"], w: ["0 pA", "40 pA"] } });
  sim.input(cells, { current: "900 pA" });
  sim.connect(cells, cells, { pattern: "all-to-all", autapses: false, target, weight, delay: "2 ms" });
  const spikes = sim.monitor.spikes(cells);
  const v = sim.monitor.state(cells, "v", { every: 4 });
  await sim.run("1.5 s");
  return { trains: spikes.trains(), v };
}

/** Phase of the last spike of the second cell between two spikes of the first, as a fraction of that interval. */
function phase([first, second]: Float64Array[]): { phase: number; period: number } {
  const spike = second!.filter((time) => time < first!.at(-1)!).at(-1)!;
  const next = first!.findIndex((time) => time > spike);
  const period = first![next]! - first![next - 1]!;
  return { phase: (spike - first![next - 1]!) / period, period };
}

console.log("| coupling | spikes | period (ms) | phase between the cells |\n|---|---|---|---|");
const traces = [];
for (const [name, target, weight] of [
  ["none", "ge", "0 nS"],
  ["excitation, 6 nS", "ge", "6 nS"],
  ["inhibition, 20 nS", "gi", "20 nS"],
] as const) {
  const { trains, v } = await pair(target, weight);
  const found = phase(trains);
  console.log(
    `| ${name} | ${trains.map(({ length }) => length).join(", ")} | ${found.period.toFixed(1)} | ${found.phase.toFixed(3)} |`,
  );
  // A value every 0.2 ms: the last 1,500 are 300 ms.
  for (const cell of [0, 1]) traces.push({ name: `${name}: cell ${cell + 1}`, values: v.trace(cell).slice(-1500) });
}
const title = "Two coupled AdEx neurons, the last 300 ms";
await saveFigure("coupled-adex", membraneTraces({ title, unit: "mV", stepMs: 0.2, traces }));
