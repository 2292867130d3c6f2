import type { SampleLoss } from "./backpropagation.js";
import type { Tape, Value } from "./tape.js";

const sum = (tape: Tape, values: readonly Value[]): Value => values.reduce((a, b) => tape.add(a, b), tape.leaf(0));
const mean = (tape: Tape, values: readonly Value[]): Value => tape.scale(sum(tape, values), 1 / values.length);
const square = (tape: Tape, value: Value): Value => tape.multiply(value, value);
const minus = (tape: Tape, value: Value, by: number): Value => tape.subtract(value, tape.leaf(by));

/** log(sum of exp y) - y of the label */
const entropy = (tape: Tape, y: readonly Value[], label: number): Value =>
  tape.subtract(
    tape.log(
      sum(
        tape,
        y.map((value) => tape.exp(value)),
      ),
    ),
    y[label]!,
  );

/** Values of the last layer, `[step][unit]`. */
type Rows = readonly (readonly Value[])[];
type OfRows = (tape: Tape, rows: Rows, label: number) => Value;

const outputs =
  (loss: OfRows): SampleLoss =>
  (tape, { history, label }) =>
    loss(
      tape,
      history.at(-1)!.map((units) => units.map(({ y }) => y)),
      label,
    );
const states =
  (loss: OfRows): SampleLoss =>
  (tape, { history, label }) =>
    loss(
      tape,
      history.at(-1)!.map((units) => units.map(({ seen }) => seen!)),
      label,
    );

const counts = (tape: Tape, rows: Rows): Value[] =>
  rows[0]!.map((_, n) =>
    sum(
      tape,
      rows.map((units) => units[n]!),
    ),
  );
const targets = (units: number, label: number): number[] =>
  Array.from({ length: units }, (_, n) => (n === label ? 1 : 0));

/** The sum over layers of a loss of the rates of a layer's units. */
const rates =
  (loss: (tape: Tape, rates: readonly Value[]) => Value): SampleLoss =>
  (tape, { history }) =>
    sum(
      tape,
      history.map((steps) =>
        loss(
          tape,
          counts(
            tape,
            steps.map((units) => units.map(({ y }) => y)),
          ).map((count) => tape.scale(count, 1 / steps.length)),
        ),
      ),
    );

/** The sum over all weights and recurrent weights. */
const weights =
  (penalty: (tape: Tape, weight: Value) => Value): SampleLoss =>
  (tape, { arrays }) =>
    sum(
      tape,
      [...arrays]
        .filter(([name]) => name.endsWith(".weights") || name.endsWith(".recurrent"))
        .flatMap(([, values]) => values.map((value) => penalty(tape, value))),
    );

/** Sum of losses. */
export const both =
  (one: SampleLoss, other: SampleLoss): SampleLoss =>
  (tape, sample) =>
    tape.add(one(tape, sample), other(tape, sample));

export const crossEntropyOfCounts = (scale: number): SampleLoss =>
  outputs((tape, rows, label) =>
    entropy(
      tape,
      counts(tape, rows).map((count) => tape.scale(count, scale)),
      label,
    ),
  );

export const crossEntropyOfEveryOutput = outputs((tape, rows, label) =>
  mean(
    tape,
    rows.map((units) => entropy(tape, units, label)),
  ),
);

export const crossEntropyOfEveryState = states((tape, rows, label) =>
  mean(
    tape,
    rows.map((units) => entropy(tape, units, label)),
  ),
);

export const squaredErrorOfRates = outputs((tape, rows, label) =>
  mean(
    tape,
    counts(tape, rows).map((count, n) =>
      square(tape, minus(tape, tape.scale(count, 1 / rows.length), targets(rows[0]!.length, label)[n]!)),
    ),
  ),
);

export const squaredErrorOfEveryState = states((tape, rows, label) =>
  mean(
    tape,
    rows.flatMap((units) => units.map((v, n) => square(tape, minus(tape, v, targets(units.length, label)[n]!)))),
  ),
);

export const squaredErrorOfCounts = (correct: number, incorrect: number): SampleLoss =>
  outputs((tape, rows, label) =>
    mean(
      tape,
      counts(tape, rows).map((count, n) => {
        const wanted = Math.floor(rows.length * (n === label ? correct : incorrect));
        return tape.scale(square(tape, minus(tape, count, wanted)), 1 / rows.length);
      }),
    ),
  );

/** snnTorch's temporal loss: the slope of a time by the output at that step is -1. */
export const entropyOfFirstSpikes = (scale: number): SampleLoss =>
  outputs((tape, rows, label) => {
    const times = rows[0]!.map((_, n) => {
      const first = rows.findIndex((units) => units[n]!.value > 0);
      const step = first < 0 ? rows.length - 1 : first;
      const y = rows[step]![n]!;
      return tape.subtract(tape.leaf(step + y.value), y);
    });
    return entropy(
      tape,
      times.map((time) => tape.scale(time, -scale)),
      label,
    );
  });

export const entropyOfLargestStates = states((tape, rows, label) =>
  entropy(
    tape,
    rows[0]!.map((_, n) => {
      const values = rows.map((units) => units[n]!);
      const largest = values.reduce((a, b) => (b.value > a.value ? b : a));
      for (const value of values) if (value !== largest) tape.near(largest.value - value.value);
      return largest;
    }),
    label,
  ),
);

export const distanceFromRate = (rate: number): SampleLoss =>
  rates((tape, found) =>
    mean(
      tape,
      found.map((value) => square(tape, minus(tape, value, rate))),
    ),
  );

export const boundsOfRates = (lower: number, upper: number): SampleLoss =>
  rates((tape, found) =>
    tape.add(
      mean(
        tape,
        found.map((value) => square(tape, tape.relu(tape.subtract(tape.leaf(lower), value)))),
      ),
      square(tape, tape.relu(minus(tape, mean(tape, found), upper))),
    ),
  );

export const sumOfAbsoluteWeights = (factor: number): SampleLoss =>
  weights((tape, weight) => tape.scale(weight, factor * Math.sign(weight.value)));

export const sumOfSquaredWeights = (factor: number): SampleLoss =>
  weights((tape, weight) => tape.scale(square(tape, weight), factor));
