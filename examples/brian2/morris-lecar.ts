// Seventeen muscle fibers of a barnacle with currents of 100 to 500 uA: fibers in the middle of the range oscillate.
// C. Morris and H. Lecar, Biophysical Journal 35 (1981) 193-213, figure 9; Brian2's example "frompapers/Morris_Lecar_1981".
import { defineNeuron, exponentialEuler } from "spikevine";
import { linePlot } from "spikevine/plots";
import { simulation } from "spikevine/simulation";
import { saveFigure } from "../settings.js";

const openCalcium = "0.5 * (1 + tanh((V - 10 mV) / (15 mV)))";
const fiber = defineNeuron({
  name: "fiber",
  // The open calcium channels are held during a step, so that the equation of V is linear for the exponential scheme.
  states: { V: { unit: "mV", initial: "-50 mV" }, n: {}, calcium: {} },
  parameters: { drive: { value: "100 uA", summary: "Injected current." } },
  derived: {
    potassium: "0.5 * (1 + tanh((V + 1 mV) / (14.5 mV)))",
    rate: "cosh((V + 1 mV) / (29 mV)) / (15 ms)",
  },
  dynamics: {
    V: "(2 mS * (-50 mV - V) + 4 mS * calcium * (100 mV - V) + 8 mS * n * (-70 mV - V) + drive) / (20 uF)",
    n: "rate * (potassium - n)",
  },
  update: { calcium: "calcium" },
  integrator: exponentialEuler,
  spike: "V",
  reset: { calcium: openCalcium },
});

const sim = simulation({ dt: "0.01 ms" });
const fibers = sim.population("fibers", 17, fiber, {
  parameters: { drive: "100 uA + 25 uA * i" },
  initial: { V: "-50 mV", n: "0.5 * (1 + tanh((V + 1 mV) / (14.5 mV)))", calcium: openCalcium },
});
const potential = sim.monitor.state(fibers, "V");
await sim.run("220 ms");

console.log("| current (uA) | passes of 0 mV | first passes (ms) | largest V (mV) | final V (mV) | final n |");
console.log("|---|---|---|---|---|---|");
const [V, n] = [sim.state(fibers, "V"), sim.state(fibers, "n")];
const show = (x: number): string => String(Number(x.toPrecision(6)));
for (let i = 0; i < 17; i++) {
  const trace = potential.trace(i);
  const passes = [...potential.times].filter((_, k) => k > 0 && trace[k]! >= 0 && trace[k - 1]! < 0);
  const first = passes
    .slice(0, 5)
    .map((time) => time.toFixed(2))
    .join(" ");
  const largest = show(trace.reduce((a, b) => Math.max(a, b)));
  console.log(`| ${100 + 25 * i} | ${passes.length} | ${first} | ${largest} | ${show(V[i]!)} | ${show(n[i]!)} |`);
}

const tenth = (_: number, k: number): boolean => k % 10 === 0;
const x = [...potential.times].filter(tenth);
const lines = [0, 4, 12, 15].map((i) => ({ name: `${100 + 25 * i} uA`, x, y: [...potential.trace(i)].filter(tenth) }));
await saveFigure(
  "morris-lecar",
  linePlot({ title: "Muscle fibers of a barnacle", panels: [{ title: "V (mV)", xLabel: "time (ms)", lines }] }),
);
