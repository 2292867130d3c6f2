import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: spikes per neuron, spike times, and final potentials.
it("gap-junctions: the spikes and the potentials of Brian2", { timeout: 60_000 }, async () => {
  const { stdout, rows, svg } = await runPort("gap-junctions");
  const columns = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  expect(columns.map((row) => Number(row[2]))).toEqual([12, 12, 12, 12, 12, 12, 12, 13, 13, 13]);
  expect(columns[0]![3]).toBe("45.7 87.0 127.2 167.2 207.1");
  expect(columns[5]![3]).toBe("29.3 68.1 107.7 147.4 187.2");
  expect(columns[9]![3]).toBe("10.8 52.2 92.2 131.9 171.6");
  expect(columns.map((row) => Number(row[4]))).toEqual([
    0.824437, 0.894329, 0.937551, 0.96376, 0.980496, 0.990846, 0.997123, 0.233319, 0.540097, 0.707817,
  ]);
  expect(stdout).toContain("123 spikes");
  expect(svg).toContain("neuron 5");
});
