import { describe, expect, test } from "vitest";
import type { Convolution, Operation, Plan, SignalSpec, Windows } from "#spikevine/src/device/contract";
import { checkPlan } from "#spikevine/src/device/host/index";
import { bernoulli, handSnu } from "../conformance/kernels.js";

const signal = (width: number, more: Partial<SignalSpec> = {}): SignalSpec => ({
  kind: "values",
  width,
  rows: "steps",
  role: "scratch",
  ...more,
});

const convolution: Convolution = {
  input: { channels: 4, height: 5, width: 6 },
  output: { channels: 6, height: 3, width: 2 },
  size: [3, 2],
  stride: [2, 3],
  padding: [1, 0],
  dilation: [1, 2],
  groups: 2,
};

const windows: Windows = {
  input: { channels: 6, height: 3, width: 2 },
  output: { channels: 6, height: 2, width: 3 },
  size: [2, 2],
  stride: [1, 1],
  padding: [0, 1],
  dilation: [1, 1],
};

const channels = { gain: "gain", shift: "shift" };
const statistics = { batchMean: "batchMean", batchVariance: "batchVariance" };

/** Every operation on images, each with a valid use: spikes, convolution, pools, a sum, normalization and all adjoints. */
const OPERATIONS: readonly Operation[] = [
  { op: "encode", encoder: bernoulli(0.5), stream: 2, from: "pixels", to: "input" },
  { op: "current", from: "input", weights: "weights", convolution, bias: "bias", to: "current" },
  { op: "pool", kind: "max", windows, scale: 1, from: "current", to: "pooled" },
  { op: "pool", kind: "sum", windows, scale: 0.25, from: "current", to: "averaged" },
  { op: "add", from: ["pooled", "averaged"], scale: 0.5, to: "sum" },
  {
    op: "normalize",
    statistics: "batch",
    epsilon: 1e-5,
    momentum: 0.1,
    from: "sum",
    ...channels,
    mean: "mean",
    variance: "variance",
    ...statistics,
    to: "normal",
  },
  {
    op: "scan",
    neuron: handSnu(),
    parameters: { b: { tensor: "threshold" }, l: 0.5 },
    current: "normal",
    to: "output",
    store: { now__s: "s" },
  },
  {
    op: "adjointScan",
    neuron: handSnu(),
    parameters: { b: { tensor: "threshold" }, l: 0.5 },
    stored: { now__s: "s" },
    errors: [{ signal: "normal", at: "every", of: "output", scale: 1 }],
    to: "error",
    factor: "factor",
    parameterErrors: { b: "thresholdError" },
  },
  { op: "unitGradient", from: "thresholdError", to: "thresholdGradient" },
  {
    op: "normalizeGradient",
    epsilon: 1e-5,
    error: "error",
    from: "sum",
    gain: "gain",
    ...statistics,
    to: "sumError",
    gainGradient: "gainGradient",
    shiftGradient: "shiftGradient",
  },
  { op: "poolGradient", kind: "max", windows, scale: 1, error: "sumError", from: "current", to: "currentError" },
  { op: "inputGradient", error: "currentError", weights: "weights", convolution, to: "inputError" },
  { op: "weightGradient", from: "input", error: "currentError", delayed: false, convolution, to: "gradient" },
];

const perChannel = { rows: 1, columns: 6 };

const planOf = (operations: readonly Operation[]): Plan => ({
  tensors: {
    weights: { rows: 12, columns: 6 },
    gradient: { rows: 12, columns: 6 },
    bias: perChannel,
    threshold: { rows: 1, columns: 3 },
    thresholdGradient: { rows: 1, columns: 3 },
    factor: { rows: 1, columns: 12 },
    gain: perChannel,
    shift: perChannel,
    mean: perChannel,
    variance: perChannel,
    batchMean: perChannel,
    batchVariance: perChannel,
    gainGradient: perChannel,
    shiftGradient: perChannel,
    odd: { rows: 1, columns: 5 },
  },
  procedures: {
    train: {
      batch: 2,
      steps: 3,
      signals: {
        pixels: signal(120, { rows: "sample", role: "input" }),
        input: signal(120, { kind: "spikes" }),
        still: signal(36, { rows: "sample", role: "input" }),
        current: signal(36),
        pooled: signal(36),
        averaged: signal(36),
        sum: signal(36),
        normal: signal(36),
        output: signal(36, { kind: "spikes" }),
        s: signal(36),
        error: signal(36),
        thresholdError: signal(36, { rows: "sample" }),
        sumError: signal(36),
        currentError: signal(36),
        inputError: signal(120),
      },
      operations,
    },
  },
});

/** The good plan with one property of the first operation of a kind changed. */
function broken<K extends Operation["op"]>(op: K, change: (operation: Extract<Operation, { op: K }>) => object): Plan {
  const index = OPERATIONS.findIndex((operation) => operation.op === op);
  const operation = OPERATIONS[index] as Extract<Operation, { op: K }>;
  return planOf(OPERATIONS.with(index, { ...operation, ...change(operation) } as Operation));
}

const convolved = (change: Partial<Convolution>): Plan =>
  broken("current", () => ({ convolution: { ...convolution, ...change } }));
const pooled = (change: Partial<Windows>): Plan => broken("pool", () => ({ windows: { ...windows, ...change } }));

test("a plan with every operation on images is accepted", () => {
  expect(() => checkPlan(planOf(OPERATIONS))).not.toThrow();
});

const CASES: readonly (readonly [what: string, plan: Plan, message: string])[] = [
  [
    "output of another size",
    convolved({ output: { channels: 6, height: 2, width: 3 } }),
    'procedure "train", operation 1 (current): the output is 2 x 3; windows of 3 x 2 over 5 x 6 with stride 2 x 3, ' +
      "padding 1 x 0, dilation 1 x 2 give 3 x 2",
  ],
  ["windows larger than the image", convolved({ dilation: [1, 6] }), "dilation 1 x 6 give 3 x 0"],
  ["groups that do not divide the inputs", convolved({ groups: 3 }), "3 groups do not divide 4 input and 6 output"],
  [
    "groups that do not divide the outputs",
    convolved({ output: { channels: 5, height: 3, width: 2 } }),
    "2 groups do not divide 4 input and 5 output channels",
  ],
  ["groups of none", convolved({ groups: 0 }), "groups is 0; give integers from 1 up"],
  ["half a stride", convolved({ stride: [0.5, 1] }), "stride is 0.5 x 1; give integers from 1 up"],
  ["negative padding", convolved({ padding: [0, -1] }), "padding is 0 x -1; give integers from 0 up"],
  ["an image without rows", convolved({ input: { channels: 4, height: 0, width: 6 } }), "input is 4 x 0 x 6; give"],
  ["weights of other groups", convolved({ groups: 1 }), 'tensor "weights" is [12, 6], needs [24, 6]'],
  ["an input of another width", broken("current", () => ({ from: "still" })), '"still" has width 36, needs 120'],
  [
    "an output of another width",
    broken("current", () => ({ to: "inputError" })),
    '"inputError" has width 120, needs 36',
  ],
  ["a bias of odd length", broken("current", () => ({ bias: "odd" })), '"odd" has 5 columns, which do not divide 36'],
  ["an input error of another width", broken("inputGradient", () => ({ to: "sum" })), '"sum" has width 36, needs 120'],
  ["a delayed convolution", broken("weightGradient", () => ({ delayed: true })), "delayed must be false"],
  [
    "a weight gradient of another shape",
    broken("weightGradient", () => ({ to: "bias" })),
    'tensor "bias" is [1, 6], needs [12, 6]',
  ],
  [
    "errors of one row for an input of steps",
    broken("weightGradient", () => ({ error: "still" })),
    '"still" has rows sample, needs steps',
  ],
  [
    "pooled channels that change",
    pooled({ output: { channels: 3, height: 2, width: 3 } }),
    "pooling keeps the channels, but 6 become 3",
  ],
  [
    "dilated pooling",
    pooled({ dilation: [2, 1], output: { ...windows.output, height: 1 } }),
    "dilation is 2 x 1; pooling needs 1 x 1",
  ],
  [
    "windows of padding only",
    pooled({ padding: [0, 2], output: { ...windows.output, width: 5 } }),
    "padding is 0 x 2; pooling needs less than the size 2 x 2",
  ],
  ["a scaled maximum", broken("pool", () => ({ scale: 0.25 })), "scale is 0.25; a maximum has scale 1"],
  ["a scale that is not finite", broken("pool", () => ({ kind: "sum", scale: Infinity })), "scale is Infinity; give a"],
  ["a maximum of values as spikes", broken("pool", () => ({ to: "output" })), '"output" has kind spikes, needs values'],
  ["a pool of other rows", broken("pool", () => ({ from: "still" })), '"still" has rows sample, needs steps'],
  [
    "a pool's error of another width",
    broken("poolGradient", () => ({ error: "inputError" })),
    '"inputError" has width 120, needs 36',
  ],
  [
    "a pool's error of one row for an input of steps",
    broken("poolGradient", () => ({ error: "still" })),
    '"still" has rows sample, needs steps',
  ],
  ["a sum of nothing", broken("add", () => ({ from: [] })), "a sum needs at least one signal"],
  [
    "a sum in place",
    broken("add", () => ({ from: ["pooled", "sum"] })),
    'the sum "sum" cannot be one of its own terms',
  ],
  ["a sum of two widths", broken("add", () => ({ from: ["pooled", "input"] })), '"input" has width 120, needs 36'],
  ["a sum with fewer rows", broken("add", () => ({ to: "thresholdError" })), "has rows sample, needs steps"],
  ["a sum with more rows", broken("add", () => ({ from: ["still"] })), '"sum" has rows steps, needs sample'],
  ["a sum times NaN", broken("add", () => ({ scale: Number.NaN })), "scale is NaN; give a finite number"],
  ["a gain of odd length", broken("normalize", () => ({ gain: "odd" })), '"odd" has 5 columns, which do not divide 36'],
  ["statistics of two lengths", broken("normalize", () => ({ mean: "threshold" })), "is [1, 3], needs [1, 6]"],
  ["statistics without a momentum", broken("normalize", () => ({ momentum: undefined })), "need a momentum, batchMean"],
  ["statistics without a tensor", broken("normalize", () => ({ batchMean: undefined })), "need a momentum, batchMean"],
  ["a momentum above 1", broken("normalize", () => ({ momentum: 2 })), "momentum is 2; give a number from 0 to 1"],
  ["no epsilon", broken("normalize", () => ({ epsilon: 0 })), "epsilon is 0; give a number above 0"],
  [
    "no epsilon backwards",
    broken("normalizeGradient", () => ({ epsilon: -1 })),
    "epsilon is -1; give a number above 0",
  ],
  [
    "a normalization's error of one row for an input of steps",
    broken("normalizeGradient", () => ({ error: "still" })),
    '"still" has rows sample, needs steps',
  ],
  [
    "gradients of another length",
    broken("normalizeGradient", () => ({ gainGradient: "threshold" })),
    '"threshold" is [1, 3], needs [1, 6]',
  ],
  [
    "a parameter of odd length",
    broken("scan", () => ({ parameters: { b: { tensor: "odd" }, l: 0.5 } })),
    '"odd" has 5 columns, which do not divide 36 units',
  ],
  ["a factor of odd length", broken("adjointScan", () => ({ factor: "odd" })), '"odd" has 5 columns, which do not'],
  ["a sum over units of odd length", broken("unitGradient", () => ({ to: "odd" })), '"odd" has 5 columns, which do'],
];

describe("a plan is refused for", () => {
  test.each(CASES)("%s", (_, plan, message) => {
    expect(() => checkPlan(plan)).toThrow(message);
  });
});
