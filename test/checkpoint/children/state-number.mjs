/** The state of a training after so many updates, as a test makes it up: every value tells the number. */
export function stateNumber(number) {
  const data = new Float32Array(20_000).fill(number);
  return {
    progress: {
      updates: number,
      startDifferences: {},
      reports: [],
      sums: { samples: 0, loss: 0, correct: 0, seconds: 0 },
    },
    tensors: new Map([["layer1.weights", { rows: 100, columns: 200, data }]]),
  };
}
