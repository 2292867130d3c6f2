import type { ErrorSource, SignalSpec } from "#spikevine/src/device/contract";
import type { EncoderKernel, NeuronKernel } from "#spikevine/src/equations/kernels/kernels";
import type { ConformanceCase } from "./case.js";
import {
  adaptive,
  bernoulli,
  constantCurrent,
  descent,
  handIntegrator,
  handRelu,
  handSnu,
  latency,
  noisyCurrent,
} from "./kernels.js";
import { lossCases, lossFields, lossNamed } from "./losses.js";
import { Sketch } from "./sketch.js";

/** Widths that are odd for vectors of 4 and 8, for bytes of bits and for words of them. */
const WIDTHS = [1, 3, 5, 33, 784] as const;

function encodeCases(): ConformanceCase[] {
  const encoders = [bernoulli(0.3), bernoulli(1), latency(4), constantCurrent(), noisyCurrent()];
  return encoders.flatMap((encoder) =>
    WIDTHS.map((width) => {
      const sketch = new Sketch(4, 3, 4);
      sketch.encoded("to", width, encoder, width % 2 === 0 ? 0 : -0.2);
      return sketch.case(`encode ${encoder.name} ${JSON.stringify(encoder.parameters)}, width ${width}`, [
        {},
        { epoch: 4, firstStep: 4 },
      ]);
    }),
  );
}

/** Presynaptic signals by name: graded, static, sparse, silent and all firing. */
const PRESYNAPTIC: readonly (readonly [name: string, encoder: EncoderKernel, low: number, high: number])[] = [
  ["sparse spikes", bernoulli(0.2), 0, 1],
  ["no spikes", bernoulli(1), 0, 0],
  ["all spikes", bernoulli(1), 1, 1],
  ["graded", noisyCurrent(), 0, 1],
  ["static", constantCurrent(), -1, 1],
];

/** Every pair of a presynaptic signal and a width, with alternating numbers of units. */
function productCases(): ConformanceCase[] {
  return PRESYNAPTIC.flatMap(([name, encoder, low, high], kind) =>
    WIDTHS.map((inputs, turn) => {
      const units = [1, 5, 33][(kind + turn) % 3]!;
      const sketch = new Sketch(3, 2, 5);
      const from = sketch.encoded("from", inputs, encoder, low, high);
      const error = sketch.encoded("error", units, noisyCurrent());
      const weights = sketch.tensor("weights", inputs, units);
      const bias = sketch.tensor("bias", 1, units);
      const rows = encoder.static ? "sample" : "steps";
      sketch
        .add({ op: "current", from, weights, bias, to: sketch.values("biased", units, rows) })
        .add({ op: "current", from, weights, to: sketch.values("plain", units, rows) })
        .add({ op: "inputGradient", error, weights, to: sketch.values("up", inputs) })
        .add({ op: "weightGradient", from, error, delayed: false, to: sketch.tensor("gradient", inputs, units) })
        .add({ op: "unitGradient", from: error, to: sketch.tensor("perUnit", 1, units) })
        .add({ op: "unitGradient", from: error, to: sketch.tensor("perLayer", 1, 1) });
      if (rows === "steps") {
        const to = sketch.tensor("delayed", inputs, units);
        sketch.add({ op: "weightGradient", from, error, delayed: true, to });
      }
      return sketch.case(`products of ${name}, ${inputs} inputs, ${units} units`);
    }),
  );
}

interface ScanVariant {
  readonly neuron: NeuronKernel;
  readonly parameters: Readonly<Record<string, readonly [low: number, high: number]>>;
}

const SCANNED: readonly ScanVariant[] = [
  { neuron: handSnu(), parameters: { b: [-0.6, -0.4], l: [0.7, 0.9] } },
  { neuron: handIntegrator(), parameters: { decay: [0.7, 0.9] } },
  { neuron: handRelu(), parameters: { gain: [0.8, 1.2] } },
];

type Errors = Pick<ErrorSource, "at" | "of"> & { readonly rows: SignalSpec["rows"] };
const ERRORS: readonly Errors[] = [
  { at: "every", of: "output", rows: "steps" },
  { at: "every", of: "output", rows: "sample" },
  { at: "last", of: "output", rows: "sample" },
];

function scanCases(): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  let turn = 0;
  for (const { neuron, parameters } of SCANNED) {
    const states = neuron.states.map((state) => ({
      at: "last" as const,
      of: `now__${state}`,
      rows: "sample" as const,
    }));
    for (const errors of [...ERRORS, ...states]) {
      for (const recurrent of [false, true]) {
        for (const isStatic of [false, true]) {
          const units = [5, 33, 1, 3][turn % 4]!;
          const masked = turn % 2 === 1;
          const truncate = [undefined, 3, 1, 7][Math.floor(turn / 2) % 4];
          const name = `scan of ${neuron.name}, ${units} units, error at ${errors.at} ${errors.of} (${errors.rows})`;
          const variant = {
            units,
            recurrent,
            isStatic,
            masked,
            truncate,
            columns: turn % 3 === 0 ? 1 : units,
            errors: [errors],
          };
          cases.push(scanCase(name, { neuron, parameters }, variant));
          turn++;
        }
      }
    }
    for (const recurrent of [false, true]) {
      const name = `scan of ${neuron.name}, errors at every place at once`;
      const always = states.map((error) => ({ ...error, at: "every" as const, rows: "steps" as const }));
      const [errors, masked] = [[...ERRORS, ...states, ...always], true];
      const variant = { units: 9, recurrent, isStatic: false, masked, truncate: undefined, columns: 9, errors };
      cases.push(scanCase(name, { neuron, parameters }, variant));
    }
    for (const columns of [3, 12]) {
      const name = `scan of ${neuron.name}, 24 units in ${columns} channels`;
      const [recurrent, masked] = [columns === 3, columns === 12];
      const variant = { units: 24, recurrent, isStatic: false, masked, truncate: undefined, columns, errors: ERRORS };
      cases.push(scanCase(name, { neuron, parameters }, variant));
    }
  }
  return cases;
}

interface ScanSetting {
  readonly units: number;
  readonly recurrent: boolean;
  readonly isStatic: boolean;
  readonly masked: boolean;
  readonly truncate: number | undefined;
  /** Columns of parameters and of the factor: 1, the units, or a divisor of them. */
  readonly columns: number;
  readonly errors: readonly Errors[];
}

function scanCase(name: string, { neuron, parameters }: ScanVariant, setting: ScanSetting): ConformanceCase {
  const { units, errors, truncate } = setting;
  const sketch = new Sketch(3, 2, 7);
  const current = sketch.encoded("current", units, setting.isStatic ? constantCurrent() : noisyCurrent(), 0, 0.7);
  const sources = errors.map(({ at, of, rows }, index): ErrorSource => {
    const encoder = rows === "sample" ? constantCurrent() : noisyCurrent();
    const signal = sketch.encoded(`error${index === 0 ? "" : index}`, units, encoder, -1, 1);
    return { signal, at, of, scale: 0.5 + 0.25 * index };
  });
  const recurrent = setting.recurrent ? { recurrent: sketch.tensor("recurrent", units, units, -0.4, 0.4) } : {};
  const mask = setting.masked ? { mask: sketch.values("mask", units, "sample") } : {};
  if (mask.mask !== undefined) {
    const value = neuron.output === "spikes" ? { value: 1 } : {};
    sketch.add({ op: "dropoutMask", keep: 0.7, ...value, layer: 1, to: mask.mask });
  }
  const bindings = Object.fromEntries(
    Object.entries(parameters).map(([parameter, [low, high]]) => [
      parameter,
      { tensor: sketch.tensor(parameter, 1, setting.columns, low, high) },
    ]),
  );
  const states = neuron.states.map((state) => `now__${state}`);
  const stored = Object.fromEntries([...states, "input"].map((value) => [value, sketch.values(`s.${value}`, units)]));
  const to = neuron.output === "spikes" ? sketch.spikes("output", units) : sketch.values("output", units);
  sketch.add({ op: "scan", neuron, parameters: bindings, current, ...recurrent, to, store: stored, ...mask });
  const parameterErrors = Object.fromEntries(
    neuron.parameters.map((parameter) => [parameter, sketch.values(`d.${parameter}`, units, "sample")]),
  );
  sketch.add({
    op: "adjointScan",
    neuron,
    parameters: bindings,
    ...recurrent,
    stored: Object.fromEntries(neuron.adjointNeeds.map((value) => [value, stored[value]!])),
    errors: sources,
    ...(truncate === undefined ? {} : { truncate }),
    ...mask,
    to: sketch.values("to", units),
    ...(setting.columns > 1 || units === 1 ? { factor: sketch.tensor("factor", 1, setting.columns, 1, 2) } : {}),
    parameterErrors,
  });
  const options = [
    setting.recurrent && "recurrent",
    setting.isStatic && "static current",
    setting.masked && "masked",
    truncate !== undefined && `truncated at ${truncate}`,
  ];
  return sketch.case([name, ...options.filter((option) => option !== false)].join(", "));
}

function readoutAndLossCases(): ConformanceCase[] {
  const settings = (["mean", "batch", "sum"] as const).flatMap((reduction) =>
    ["cross-entropy", "mean-squared-error"].map((loss) => [reduction, loss] as const),
  );
  return settings.map(([reduction, loss]) => {
    const sketch = new Sketch(5, 3, 6);
    const from = sketch.encoded("from", 10, noisyCurrent());
    const spikes = sketch.encoded("fired", 10, bernoulli(0.5));
    sketch
      .add({ op: "readout", kind: "sum", scale: 1 / 6, from, to: sketch.values("sum", 10, "sample") })
      .add({ op: "readout", kind: "sum", scale: 1, from: spikes, to: sketch.values("count", 10, "sample", "kept") })
      .add({ op: "readout", kind: "last", scale: 2, from, to: sketch.values("last", 10, "sample") })
      .add({
        op: "loss",
        ...lossFields(lossNamed(loss), reduction, { outputs: 10, steps: 6 }),
        from: "sum",
        target: sketch.input("target", 10),
        gradient: sketch.values("gradient", 10, "sample"),
        value: sketch.values("value", 1, "sample"),
      });
    return sketch.case(`readout, then loss ${loss}, reduction ${reduction}`, [{}, { firstStep: 6 }, { firstStep: 0 }]);
  });
}

function tensorCases(): ConformanceCase[] {
  const shapes = [
    [1, 1],
    [1, 33],
    [5, 3],
    [33, 5],
    [784, 10],
  ] as const;
  return shapes.map(([rows, columns]) => {
    const sketch = new Sketch(2, 2, 1);
    const weight = sketch.tensor("weight", rows, columns);
    const other = sketch.tensor("other", rows, columns);
    const gradient = sketch.tensor("gradient", rows, columns);
    const states = { m: sketch.tensor("m", rows, columns), v: sketch.tensor("v", rows, columns, 0, 1) };
    const factor = sketch.tensor("factor", 1, columns, 1, 2);
    sketch
      .add({ op: "update", rule: descent(), weight, gradient, states: {}, uniforms: { rate: "slow" } })
      .add({
        op: "update",
        rule: adaptive(),
        weight: other,
        gradient,
        states,
        factor,
        uniforms: { rate: "fast", keep: "keep" },
      })
      .add({ op: "reduce", kind: "absoluteColumns", from: weight, to: sketch.tensor("importance", 1, columns) })
      .add({ op: "reduce", kind: "squares", from: weight, to: sketch.tensor("squares", 1, 1) });
    const scalars = { slow: 0.01, fast: 0.1, keep: 0.9 };
    return sketch.case(`updates and reductions of [${rows}, ${columns}]`, [
      { scalars },
      { scalars: { ...scalars, keep: 0.5 } },
    ]);
  });
}

/** Every operation of the contract, alone or with the few that it requires. */
export const operationCases = (): ConformanceCase[] => [
  ...encodeCases(),
  ...productCases(),
  ...scanCases(),
  ...readoutAndLossCases(),
  ...lossCases(),
  ...lossCases(),
  ...tensorCases(),
];
