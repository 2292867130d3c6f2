import { expect, it } from "vitest";
import { runPort } from "./run-port.js";

// Figures of Brian2 2.5.1: passes of 0 mV and their times, largest potentials, and final states.
it("morris-lecar: the oscillations of Brian2", { timeout: 60_000 }, async () => {
  const { rows, svg } = await runPort("morris-lecar");
  const columns = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  expect(columns.map((row) => Number(row[2]))).toEqual([0, 1, 1, 1, 2, 2, 4, 8, 8, 8, 8, 8, 8, 8, 1, 1, 1]);
  expect(columns.slice(1).map((row) => Number(row[3]!.split(" ")[0]))).toEqual([
    13.81, 9.62, 7.6, 6.33, 5.44, 4.77, 4.25, 3.84, 3.5, 3.22, 2.98, 2.77, 2.59, 2.43, 2.29, 2.17,
  ]);
  expect(columns[6]![3]).toBe("4.77 35.79 65.09 93.74");
  expect(columns[12]![3]).toBe("2.77 30.49 58.33 86.40 114.51");
  expect([0, 4, 12, 16].map((i) => Number(columns[i]![4]))).toEqual([-8.65611, 33.0043, 51.9234, 59.0672]);
  expect(columns.map((row) => Number(row[5]))).toEqual([
    -16.3418, -13.2191, -10.7744, -8.73034, -6.92709, -5.46429, -4.4084, -5.53356, -9.98988, -9.48883, -7.68613,
    -6.24672, -2.0818, 10.8328, 14.0241, 10.3381, 13.2354,
  ]);
  expect(columns.map((row) => Number(row[6]))).toEqual([
    0.10754, 0.156385, 0.206167, 0.256066, 0.306186, 0.355587, 0.39822, 0.427846, 0.50443, 0.544416, 0.576953, 0.637912,
    0.739804, 0.81041, 0.77719, 0.836288, 0.876909,
  ]);
  expect(svg).toContain("400 uA");
});
