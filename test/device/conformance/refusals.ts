import type { Device, Plan, RunInputs } from "#spikevine/src/device/contract";
import { bernoulli, change, handSnu } from "./kernels.js";

/** A small valid plan; every case below breaks one property of it. */
const PLAN: Plan = {
  tensors: { weights: { rows: 3, columns: 2 } },
  procedures: {
    forward: {
      batch: 2,
      steps: 4,
      signals: {
        pixels: { kind: "values", width: 3, rows: "sample", role: "input" },
        input: { kind: "spikes", width: 3, rows: "steps", role: "scratch" },
        current: { kind: "values", width: 2, rows: "steps", role: "scratch" },
        output: { kind: "spikes", width: 2, rows: "steps", role: "result" },
      },
      operations: [
        { op: "encode", encoder: bernoulli(0.5), stream: 2, from: "pixels", to: "input" },
        { op: "current", from: "input", weights: "weights", to: "current" },
        {
          op: "scan",
          neuron: handSnu(),
          parameters: { b: -1, l: 0.8 },
          current: "current",
          to: "output",
          store: {},
        },
      ],
    },
  },
};

const INPUTS: RunInputs = { samples: 2, signals: { pixels: new Float32Array(6) }, sampleIds: Uint32Array.of(0, 1) };

type Change = (plan: { -readonly [K in keyof Plan]: Plan[K] }) => void;
const changed = (change: Change): Plan => {
  const plan = { ...PLAN };
  change(plan);
  return plan;
};

const withSignal = (name: string, change: object): Plan =>
  changed((plan) => {
    const { forward } = PLAN.procedures;
    const signals = { ...forward!.signals, [name]: { ...forward!.signals[name]!, ...change } };
    plan.procedures = { forward: { ...forward!, signals } };
  });

const withOperation = (index: number, change: object): Plan =>
  changed((plan) => {
    const { forward } = PLAN.procedures;
    const operations = forward!.operations.map((operation, at) =>
      at === index ? { ...operation, ...change } : operation,
    );
    plan.procedures = { forward: { ...forward!, operations } };
  });

/** Plans that no device may compile, with the expected message. */
export const BAD_PLANS: readonly (readonly [what: string, plan: Plan, message: RegExp])[] = [
  [
    "weights of another shape",
    changed((plan) => {
      plan.tensors = { weights: { rows: 2, columns: 2 } };
    }),
    /procedure "forward", operation 1 \(current\): tensor "weights" is \[2, 2\], needs \[3, 2\]/,
  ],
  ["a tensor that is not there", withOperation(1, { weights: "wieghts" }), /\(current\): no tensor "wieghts"/],
  ["a signal that is not there", withOperation(2, { current: "curent" }), /\(scan\): no signal "curent"/],
  ["spikes kept as values", withSignal("output", { kind: "values" }), /"output" has kind values, needs spikes/],
  [
    "one row where there are steps",
    withSignal("current", { rows: "sample" }),
    /"current" has rows sample, needs steps/,
  ],
  ["another width", withSignal("output", { width: 5 }), /"output" has width 5, needs 2/],
  [
    "an unbound parameter",
    withOperation(2, { parameters: { b: -1 } }),
    /parameter "l" of neuron hand-snu is not bound/,
  ],
  ["an unknown stored value", withOperation(2, { store: { now__v: "current" } }), /nothing to store under "now__v"/],
  ["a signal read before it is written", withOperation(0, { to: "output" }), /\(encode\): signal "output" has width 2/],
  [
    "no steps",
    changed((plan) => {
      plan.procedures = { forward: { ...PLAN.procedures.forward!, steps: 0 } };
    }),
    /procedure "forward": steps is 0/,
  ],
];

/** Inputs that no device may run, with the expected message. */
export const BAD_RUNS: readonly (readonly [what: string, procedure: string, inputs: RunInputs, message: RegExp])[] = [
  ["an unknown procedure", "backward", INPUTS, /no procedure "backward"/],
  ["too many samples", "forward", { ...INPUTS, samples: 3 }, /samples is 3; give an integer from 1 to 2/],
  ["a missing signal", "forward", { samples: 2, sampleIds: Uint32Array.of(0, 1) }, /input signal "pixels" is missing/],
  [
    "a signal of another length",
    "forward",
    { ...INPUTS, signals: { pixels: new Float32Array(5) } },
    /"pixels" has 5 numbers; give 2 samples of 3/,
  ],
  ["no sample identities", "forward", { samples: 2, signals: INPUTS.signals! }, /needs sampleIds/],
];

/** A plan with inputs in time: 33 values per step, and spikes of 33 units. */
function inTime(changed: { signals?: Plan["procedures"][string]["signals"]; before?: string } = {}): Plan {
  const signals = {
    pixels: { kind: "values", width: 33, rows: "steps", role: "input" },
    before: { kind: "values", width: 33, rows: "sample", role: "input" },
    spikes: { kind: "spikes", width: 33, rows: "steps", role: "input" },
    encoded: { kind: "values", width: 33, rows: "steps", role: "scratch" },
    current: { kind: "values", width: 2, rows: "steps", role: "result" },
    other: { kind: "values", width: 2, rows: "steps", role: "result" },
    ...changed.signals,
  } as const;
  const before = changed.before === undefined ? {} : { before: changed.before };
  return {
    tensors: { weights: { rows: 33, columns: 2 } },
    procedures: {
      only: {
        batch: 2,
        steps: 4,
        signals,
        operations: [
          { op: "encode", encoder: change(), stream: 2, from: "pixels", to: "encoded", ...before },
          { op: "current", from: "encoded", weights: "weights", to: "other" },
          { op: "current", from: "spikes", weights: "weights", to: "current" },
        ],
      },
    },
  };
}

const GIVEN = {
  pixels: new Float32Array(2 * 4 * 33),
  before: new Float32Array(2 * 33),
  spikes: new Uint32Array(2 * 4 * 2),
};
const given = (signals: object, more: Partial<RunInputs> = {}): RunInputs => ({
  samples: 2,
  signals: { ...GIVEN, ...signals },
  ...more,
});

/** Plans with inputs in time, and inputs, that no device may accept. */
export const BAD_INPUTS: readonly (readonly [
  what: string,
  plan: Plan,
  inputs: RunInputs | undefined,
  message: RegExp,
])[] = [
  [
    "spikes of one row",
    inTime({ signals: { spikes: { kind: "spikes", width: 33, rows: "sample", role: "input" } } }),
    undefined,
    /signal "spikes": an input of spikes has rows steps/,
  ],
  [
    "values before an image",
    inTime({
      signals: { pixels: { kind: "values", width: 33, rows: "sample", role: "input" } },
      before: "before",
    }),
    undefined,
    /"before" is for a signal of rows steps, but "pixels" is an image/,
  ],
  ["numbers in place of bits", inTime(), given({ spikes: new Float32Array(16) }), /"spikes" is not words of bits/],
  ["bits in place of numbers", inTime(), given({ pixels: new Uint32Array(264) }), /"pixels" is not numbers/],
  [
    "too few bits",
    inTime(),
    given({ spikes: new Uint32Array(8) }),
    /"spikes" has 8 words of bits; give 2 samples of 4 x 2/,
  ],
  [
    "bits after the last unit",
    inTime(),
    given({ spikes: Uint32Array.from({ length: 16 }, (_, i) => (i === 7 ? 2 : 0)) }),
    /"spikes" has bits after its unit 32; leave them 0/,
  ],
  [
    "a stream without the values of the step before",
    inTime(),
    given({}, { firstStep: 4 }),
    /the encoder change has no values of the step before \("before"\)/,
  ],
];

/** The error message of a device for a bad plan or run, or undefined if it accepts it. */
export async function refusal(device: Device, plan: Plan, run?: [string, RunInputs]): Promise<string | undefined> {
  try {
    const program = await device.compile(plan);
    try {
      if (run !== undefined) await program.run(...run);
    } finally {
      await program.dispose();
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The plan of the bad runs. */
export const GOOD_PLAN = PLAN;
