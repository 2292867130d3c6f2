import { importanceFactors } from "spikevine/plasticity";

// Weights from three inputs (rows) to four hidden units (columns).
const weights = [
  [0.2, -0.9, 0.1, 0.4],
  [-0.3, 0.6, 0.0, 0.4],
  [0.1, -0.5, 0.1, 0.4],
];
const importance = Float32Array.from({ length: 4 }, (_, unit) =>
  weights.reduce((sum, row) => sum + Math.abs(row[unit]!), 0),
);
const show = (numbers: Iterable<number>) => Array.from(numbers, (x) => x.toFixed(2)).join("  ");
console.log("importance", show(importance));
console.log("factor    ", show(importanceFactors(importance)));
