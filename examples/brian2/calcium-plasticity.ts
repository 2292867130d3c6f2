// A synapse with two stable states, driven by calcium: pairs of spikes move it from one state to the other.
// M. Graupner and N. Brunel, PNAS 109 (2012) 3991-3996, figure 2; Brian2's example "frompapers/Graupner_Brunel_2012", here
// with three time differences, for 5 s. `--full`: 60 s, after which copies of the synapse have changed their state.
import { defineSynapse, forwardEuler, simulateSynapses } from "spikevine";
import { linePlot } from "spikevine/plots";
import { saveFigure } from "../settings.js";

const calcium = defineSynapse({
  name: "graupner-brunel",
  summary: "Calcium above two thresholds depresses and potentiates.",
  source: "M. Graupner and N. Brunel, PNAS 109 (2012) 3991-3996",
  parameters: {
    tau: { value: "150 s", summary: "time constant of the efficacy" },
    noise: { value: 0, summary: "size of the noise" },
  },
  states: { rho: { summary: "efficacy" }, c: { summary: "calcium" } },
  derived: {
    up: { equation: "step(c - 1.3)", summary: "1 if the synapse potentiates" },
    down: { equation: "step(c - 1)", summary: "1 if the synapse depresses" },
  },
  dynamics: {
    rho:
      "(-rho * (1 - rho) * (0.5 - rho) + 321.808 * (1 - rho) * up - 200 * rho * down) / tau" +
      " + noise * sqrt((up + down) / tau) * xi",
    c: "-c / (20 ms)",
  },
  // The noise does not depend on rho, so that this is Euler-Maruyama, and the same as "heun" in Brian2.
  integrator: forwardEuler,
  onPre: [{ name: "calcium", delay: "13.7 ms", changes: { c: "c + 1" } }],
  onPost: { c: "c + 2" },
});

const differences = [-20, 0, 20];
/**
 * First spikes, ms. Brian2's example compares times as floating-point numbers and has spikes at 100.1, and at 80.1, 100.1
 * and 120 ms; there, a spike changes the synapse at the end of its step.
 */
const [firstPre, firstPost] = [100.2, [80.2, 100.2, 120.1]] as const;
/** Synapses for every time difference and both initial efficacies. */
function run(noise: number, each: number, seconds: number, every: number) {
  const train = (start: number): number[] => Array.from({ length: seconds }, (_, k) => start + 1000 * k);
  const rows = Array.from({ length: 6 * each }, (_, s) => s);
  return simulateSynapses(calcium, {
    dt: "0.1 ms",
    duration: `${seconds} s`,
    synapses: rows.length,
    parameters: { noise },
    initial: { rho: rows.map((s) => Math.floor(s / each) % 2) },
    pre: rows.map(() => train(firstPre)),
    post: rows.map((s) => train(firstPost[Math.floor(s / (2 * each))]!)),
    seed: 1,
    record: ["c", "rho"],
    every,
  });
}
const show = (x: number): string => String(Number(x.toPrecision(6)));
const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b) / numbers.length;

const { values, times } = run(0, 1, 5, 1);
const trace = (name: string, s: number): number[] => Array.from(times, (_, k) => values[name]![6 * k + s]!);
console.log(
  "| post - pre (ms) | largest c, at (ms) | steps with c > 1, c > 1.3 | rho at 1 s from 0, from 1 | rho at 5 s |",
);
console.log("|---|---|---|---|---|");
differences.forEach((difference, k) => {
  const [c, low, high] = [trace("c", 2 * k), trace("rho", 2 * k), trace("rho", 2 * k + 1)];
  const largest = c.reduce((a, b) => Math.max(a, b));
  const above = [1, 1.3].map((threshold) => c.filter((x) => x > threshold).length);
  const at = [10_000, 49_999].map((step) => `${show(low[step]!)} ${show(high[step]!)}`);
  console.log(
    `| ${difference} | ${show(largest)} ${times[c.indexOf(largest)]!.toFixed(1)} | ${above.join(" ")} | ${at.join(" | ")} |`,
  );
});

const full = process.argv.includes("--full");
const [copies, seconds] = full ? [100, 60] : [40, 5];
const noisy = run(2.8284, copies, seconds, 10_000 * seconds);
const last = [...noisy.values.rho!.slice(-6 * copies)];
console.log(
  `\n| post - pre (ms), with noise | mean rho at ${seconds} s from 0 | deviation | share above 0.5 | from 1 | deviation | share below 0.5 |`,
);
console.log("|---|---|---|---|---|---|---|");
differences.forEach((difference, k) => {
  const row = [0, 1].map((start) => {
    const rho = last.slice((2 * k + start) * copies, (2 * k + start + 1) * copies);
    const center = mean(rho);
    const deviation = Math.sqrt(mean(rho.map((x) => (x - center) ** 2)));
    const moved = mean(rho.map((x) => (start === 0 ? Number(x > 0.5) : Number(x < 0.5))));
    return `${center.toFixed(4)} | ${deviation.toFixed(4)} | ${moved.toFixed(2)}`;
  });
  console.log(`| ${difference} | ${row.join(" | ")} |`);
});

const shown = 3000;
const lines = differences.map((difference, k) => ({
  name: `post - pre = ${difference} ms`,
  x: [...times.slice(0, shown)],
  y: trace("c", 2 * k).slice(0, shown),
}));
await saveFigure(
  "calcium-plasticity",
  linePlot({ title: "Calcium of a pair of spikes", panels: [{ title: "calcium", xLabel: "time (ms)", lines }] }),
);
