import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: numbers of spikes from 1000 to 1250 ms, and the adaptation (nA) at them for reset potentials
// with patterns of two, four and three spikes.
const counts = [14, 14, 14, 14, 14, 14, 15, 15, 14, 14, 16, 14, 15, 15, 16, 15, 15, 15, 15, 13, 15, 14, 13, 15, 15];
const periodic: [number, number[]][] = [
  [0, [...Array(2).fill(0.21527), 0.2153, 0.2153, 0.2153, 0.21533, 0.21533, ...Array(3).fill(0.25279)]],
  [5, [...Array(3).fill(0.21103), ...Array(3).fill(0.22803), 0.22809, ...Array(3).fill(0.2563)]],
  [19, [...Array(4).fill(0.1951), ...Array(4).fill(0.25451), ...Array(5).fill(0.28635)]],
];

it("adex-chaos: the spikes and the adaptation of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("adex-chaos");
  const columns = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  expect(columns.map((row) => Number(row[3]))).toEqual(counts);
  for (const [i, values] of periodic) {
    expect(columns[i]![4]!.split(" ").map(Number).slice(0, values.length)).toEqual(values);
  }
  expect(svg).toContain("reset potential (mV)");
});
