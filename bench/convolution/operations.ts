import { boxcar, snu } from "../../neurons/index.js";
import type { Convolution, Operation, Plan, SignalSpec } from "../../src/device/contract.js";
import { drawUniform, rowKey } from "../../src/random/counter.js";
import { BOXCAR_WIDTH } from "../workloads.js";

/** A convolution whose operations are timed. */
export interface TimedLayer {
  readonly label: string;
  readonly convolution: Convolution;
  readonly samples: number;
  readonly steps: number;
}

function square(
  [inputs, outputs]: readonly [number, number],
  side: number,
  [size, padding]: readonly [number, number],
): Convolution {
  const out = side + 2 * padding - size + 1;
  return {
    input: { channels: inputs, height: side, width: side },
    output: { channels: outputs, height: out, width: out },
    size: [size, size],
    stride: [1, 1],
    padding: [padding, padding],
    dilation: [1, 1],
    groups: 1,
  };
}

export const LAYERS: readonly TimedLayer[] = [
  { label: "96 to 256, 3x3, 32x32", convolution: square([96, 256], 32, [3, 1]), samples: 1, steps: 8 },
  { label: "384 to 384, 3x3, 8x8", convolution: square([384, 384], 8, [3, 1]), samples: 4, steps: 8 },
  { label: "12 to 64, 5x5, 12x12", convolution: square([12, 64], 12, [5, 0]), samples: 8, steps: 25 },
];

export const QUICK_LAYER: TimedLayer = {
  label: "4 to 8, 3x3, 6x6",
  convolution: square([4, 8], 6, [3, 1]),
  samples: 2,
  steps: 4,
};

/** Operations of a layer: the current, the weight gradient and the error for the layer below. */
export const KINDS = ["current", "weightGradient", "inputGradient"] as const;
export type Kind = (typeof KINDS)[number];

/**
 * What is sparse: nothing (values without a zero, which take the dense kernels), the spikes, the errors, or the units below,
 * of which only those near the threshold of a surrogate of bounded support need their error.
 */
export type Sparsity = "none" | "spikes" | "errors" | "active units";

/** A plan with one operation, and the inputs of a run. */
export interface TimedPlan {
  readonly plan: Plan;
  readonly signals: Readonly<Record<string, Float32Array | Uint32Array>>;
  readonly weights: Float32Array;
}

const units = ({ channels, height, width }: Convolution["input"]): number => channels * height * width;

/** Multiplications and additions of one dense operation. */
export const flops = ({ convolution, samples, steps }: TimedLayer): number =>
  2 * samples * steps * units(convolution.output) * weightRows(convolution);

const weightRows = ({ size, input }: Convolution): number => size[0] * size[1] * input.channels;

/** `density` is the fraction of spikes, of errors that are not 0, or of active units. */
export function timedPlan(
  { convolution, samples, steps }: TimedLayer,
  kind: Kind,
  { sparsity, density }: { sparsity: Sparsity; density: number },
): TimedPlan {
  const [below, above] = [units(convolution.input), units(convolution.output)];
  const tensor = { rows: weightRows(convolution), columns: convolution.output.channels };
  const values = (width: number, role: SignalSpec["role"]): SignalSpec => ({
    kind: "values",
    width,
    rows: "steps",
    role,
  });
  const from: SignalSpec = { ...values(below, "input"), kind: sparsity === "spikes" ? "spikes" : "values" };
  const draws = drawn();
  const rows = samples * steps;
  const signals: Record<string, Float32Array | Uint32Array> = {};
  const specs: Record<string, SignalSpec> = {};
  const given = (name: string, spec: SignalSpec, data: Float32Array | Uint32Array): string => {
    specs[name] = spec;
    signals[name] = data;
    return name;
  };
  const input = (): string =>
    given(
      "from",
      from,
      sparsity === "spikes" ? bits(rows, below, () => draws() < density) : numbers(rows * below, draws),
    );
  const error = (): string => {
    const isThere = (): boolean => sparsity !== "errors" || draws() < density;
    const data = numbers(rows * above, draws).map((value) => (isThere() ? value : 0));
    return given("error", values(above, "input"), data);
  };
  const operations: Operation[] = [];
  if (kind === "current") {
    specs.to = values(above, "result");
    operations.push({ op: "current", from: input(), weights: "weights", convolution, to: "to" });
  } else if (kind === "weightGradient") {
    const operands = { from: input(), error: error(), to: "gradient" };
    operations.push({ op: "weightGradient", ...operands, convolution, delayed: false });
  } else {
    specs.up = values(below, sparsity === "active units" ? "scratch" : "result");
    operations.push({ op: "inputGradient", error: error(), weights: "weights", convolution, to: "up" });
    if (sparsity === "active units") {
      const neuron = snu({ surrogate: boxcar({ width: BOXCAR_WIDTH }) }).kernel({ dt: 1, trained: [] });
      const state = numbers(rows * below, draws).map(() => (draws() < density ? 1 : 1 + 2 * BOXCAR_WIDTH));
      const stored = given("state", values(below, "input"), state);
      specs.scanned = values(below, "result");
      operations.push({
        op: "adjointScan",
        neuron,
        parameters: { decay: 0.8, threshold: 1 },
        stored: { now__s: stored },
        errors: [{ signal: "up", at: "every", of: "output", scale: 1 }],
        to: "scanned",
        parameterErrors: {},
      });
    }
  }
  const tensors = kind === "weightGradient" ? { gradient: tensor } : { weights: tensor };
  return {
    plan: { tensors, procedures: { run: { batch: samples, steps, signals: specs, operations } } },
    signals,
    weights: numbers(tensor.rows * tensor.columns, draws),
  };
}

/** Numbers in [0, 1), the same in every run of the bench. */
function drawn(): () => number {
  const key = rowKey(11);
  let index = 0;
  return () => drawUniform(key, index++);
}

/** Numbers other than 0, of both signs. */
const numbers = (count: number, draws: () => number): Float32Array =>
  Float32Array.from({ length: count }, () => draws() - 0.5 || 0.5);

/** Rows of bits, as a device receives spikes. */
function bits(rows: number, width: number, isSet: () => boolean): Uint32Array {
  const words = Math.ceil(width / 32);
  const data = new Uint32Array(rows * words);
  for (let row = 0; row < rows; row++) {
    for (let unit = 0; unit < width; unit++) {
      if (isSet()) data[row * words + (unit >>> 5)]! |= 1 << (unit & 31);
    }
  }
  return data;
}
