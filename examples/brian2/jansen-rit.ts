// Six columns of the cortex, each of three populations of which only the mean potentials are computed, with connections of
// increasing strength. B. H. Jansen and V. G. Rit, Biological Cybernetics 73 (1995) 357-366, figure 3; Brian2's example
// "frompapers/Jansen_Rit_1995_single_column". The input is random, drawn every 2 ms, or constant.
import { defineNeuron, forwardEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const connections = [68, 128, 135, 270, 675, 1350];
const column = defineNeuron({
  name: "column",
  states: {
    y0: {},
    y1: {},
    y2: {},
    y3: { unit: "1/s" },
    y4: { unit: "1/s" },
    y5: { unit: "1/s" },
    noise: { initial: 0.5 },
  },
  parameters: { C: { value: 135, summary: "Strength of the connections." } },
  derived: {
    pyramidal: "5 s^-1 / (1 + exp(0.56 * (6 - (y1 - y2))))",
    excitatory: "5 s^-1 / (1 + exp(0.56 * (6 - C * y0)))",
    inhibitory: "5 s^-1 / (1 + exp(0.56 * (6 - 0.25 * C * y0)))",
    drive: "(120 + 200 * noise) * 1 s^-1",
  },
  dynamics: {
    y0: "y3",
    y1: "y4",
    y2: "y5",
    y3: "(3.25 * pyramidal - 2 * y3 - y0 / (10 ms)) / (10 ms)",
    y4: "(3.25 * (drive + 0.8 * C * excitatory) - 2 * y4 - y1 / (10 ms)) / (10 ms)",
    y5: "(22 * 0.25 * C * inhibitory - 2 * y5 - y2 / (20 ms)) / (20 ms)",
  },
  update: { noise: "noise" },
  integrator: forwardEuler,
  output: "y1 - y2",
});

/** Runs the columns for 5 s; returns y1 - y2, the potential of the pyramidal cells, every 1 ms, and the final states. */
async function run(random: boolean) {
  const sim = simulation({ seed: 1 });
  const columns = sim.population("columns", connections.length, column, { parameters: { C: connections } });
  if (random) sim.runRegularly(columns, { noise: "rand()" }, { every: "2 ms" });
  const [y1, y2] = ["y1", "y2"].map((state) => sim.monitor.state(columns, state)) as [Monitor, Monitor];
  await sim.run("5 s");
  const potentials = connections.map((_, c) => {
    const inhibition = y2.trace(c);
    return y1.trace(c).map((value, k) => value - inhibition[k]!);
  });
  const states = ["y0", "y1", "y2"].map((state) => sim.state(columns, state));
  return { times: y1.times, potentials, states };
}
type Monitor = ReturnType<ReturnType<typeof simulation>["monitor"]["state"]>;

const show = (x: number): string => String(Number(x.toPrecision(6)));
const constant = await run(false);
const random = await run(true);
console.log(
  "| C | constant input: final y0, y1, y2 | smallest and largest y1 - y2 after 2 s | random input: mean, sd |",
);
console.log("|---|---|---|---|");
connections.forEach((C, c) => {
  const final = constant.states.map((values) => show(values[c]!)).join(" ");
  const late = constant.potentials[c]!.slice(20_000);
  const range = [late.reduce((a, b) => Math.min(a, b)), late.reduce((a, b) => Math.max(a, b))].map(show).join(" ");
  const noisy = random.potentials[c]!.slice(20_000);
  const mean = noisy.reduce((a, b) => a + b) / noisy.length;
  const deviation = Math.sqrt(noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length);
  console.log(`| ${C} | ${final} | ${range} | ${mean.toFixed(3)} ${deviation.toFixed(3)} |`);
});

const shown = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, k) => k > 20_000 && k % 20 === 0);
const panels = connections.map((C, c) => ({
  title: `C = ${C}`,
  xLabel: "time (ms)",
  lines: [{ name: "y1 - y2", x: shown(random.times), y: shown(random.potentials[c]!) }],
}));
await saveFigure("jansen-rit", linePlot({ title: "Columns of the cortex with random input", panels, columns: 2 }));
