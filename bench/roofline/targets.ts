import type { Operation } from "../../src/device/contract.js";
import type { Densities } from "../densities.js";
import { CONVOLUTIONS, type Surrogate, WINDOW, type Workload } from "../workloads.js";
import type { Peak } from "./peak.js";

/** The bound of an operation, and its amount of work. */
export type Work =
  /** Multiplications and additions as a dense product has them; an operation that skips zeros can exceed its bound. */
  | { readonly kind: "dense"; readonly flops: number }
  /**
   * Rows of weights (or errors) that are summed, one per unit that differs from its baseline: `adds` additions, each with one\n
   * * load, which is the bound. `flops` is the work of a dense product.
   */
  | { readonly kind: "gathered"; readonly adds: number; readonly flops: number }
  /** Numbers that are loaded from memory or stored to it, each once. */
  | { readonly kind: "streamed"; readonly bytes: number }
  /** Spikes or pixels that are processed one by one. */
  | { readonly kind: "draws"; readonly draws: number };

/** An operation of a training plan that the roofline table shows. */
export interface Target {
  readonly label: string;
  readonly workload: "a" | "c" | "d";
  readonly surrogate: Surrogate;
  isIt(operation: Operation): boolean;
  work(workload: Workload, densities: Densities): Work;
}

const rowsOf = ({ batch, steps }: Workload): number => batch * steps;

/** Layer `n`, counted from 1: its inputs, its units and the number of summed rows per input and step. */
function layer(
  { sizes }: Workload,
  { input, layers }: Densities,
  n: number,
): { in: number; out: number; adds: number } {
  return { in: sizes[n - 1]!, out: sizes[n]!, adds: (n === 1 ? input : layers[n - 2]!).deltas };
}

const gathered =
  (n: number) =>
  (workload: Workload, densities: Densities): Work => {
    const { in: inputs, out, adds } = layer(workload, densities, n);
    const products = rowsOf(workload) * inputs * out;
    return { kind: "gathered", adds: products * adds, flops: 2 * products };
  };

const dense =
  (n: number) =>
  (workload: Workload, densities: Densities): Work => {
    const { in: inputs, out } = layer(workload, densities, n);
    return { kind: "dense", flops: 2 * rowsOf(workload) * inputs * out };
  };

/** `numbers` values of four bytes for every unit of layer 2 at every step. */
const perState =
  (numbers: number) =>
  (workload: Workload): Work => ({ kind: "streamed", bytes: 4 * numbers * rowsOf(workload) * workload.sizes[2]! });

/** `numbers` values of four bytes for every weight of layer 1. */
const perWeight =
  (numbers: number) =>
  ({ sizes }: Workload): Work => ({ kind: "streamed", bytes: 4 * numbers * sizes[0]! * sizes[1]! });

/** Multiplications of the second convolution of (d), which has no baselines: every spike is added. */
const products = (workload: Workload): number => {
  const { below, channels, convolved } = CONVOLUTIONS[1];
  return rowsOf(workload) * convolved ** 2 * channels * WINDOW ** 2 * below;
};

const a = { workload: "a", surrogate: "arctan" } as const;
const d = { workload: "d", surrogate: "arctan" } as const;

export const TARGETS: readonly Target[] = [
  {
    ...a,
    label: "encode (rate)",
    isIt: ({ op }) => op === "encode",
    work: (w) => ({ kind: "draws", draws: rowsOf(w) * w.sizes[0]! }),
  },
  ...[1, 2].map(
    (n): Target => ({
      ...a,
      label: `current, layer ${n}`,
      isIt: (o) => o.op === "current" && o.weights === `layer${n}.weights`,
      work: gathered(n),
    }),
  ),
  // Current in, state out.
  { ...a, label: "scan, layer 2", isIt: (o) => o.op === "scan" && o.to === "layer2.output", work: perState(2) },
  // Error and state in, error out.
  {
    ...a,
    label: "adjoint scan, layer 2",
    isIt: (o) => o.op === "adjointScan" && o.to === "layer2.error",
    work: perState(3),
  },
  ...(["arctan", "boxcar"] as const).map(
    (surrogate): Target => ({
      workload: "a",
      surrogate,
      label: `input gradient from layer 3 (${surrogate})`,
      isIt: (o) => o.op === "inputGradient" && o.weights === "layer3.weights",
      work: dense(3),
    }),
  ),
  ...[1, 2].map(
    (n): Target => ({
      ...a,
      label: `weight gradient, layer ${n}`,
      isIt: (o) => o.op === "weightGradient" && o.to === `layer${n}.weights.gradient`,
      work: gathered(n),
    }),
  ),
  {
    ...a,
    label: "update, layer 1 (sgd)",
    isIt: (o) => o.op === "update" && o.weight === "layer1.weights",
    work: perWeight(3),
  },
  {
    workload: "c",
    surrogate: "arctan",
    label: "update, layer 1 of (c) (adam)",
    isIt: (o) => o.op === "update" && o.weight === "layer1.weights",
    work: perWeight(7),
  },
  {
    ...d,
    label: "current of (d), second convolution",
    isIt: (o) => o.op === "current" && o.weights === "layer4.weights",
    work: (w, { layers }) => ({ kind: "gathered", adds: products(w) * layers[0]!.firing, flops: 2 * products(w) }),
  },
  {
    ...d,
    label: "weight gradient of (d), second convolution",
    isIt: (o) => o.op === "weightGradient" && o.to === "layer4.weights.gradient",
    work: (w, { layers }) => ({ kind: "gathered", adds: products(w) * layers[0]!.firing, flops: 2 * products(w) }),
  },
  ...(["arctan", "boxcar"] as const).map(
    (surrogate): Target => ({
      workload: "d",
      surrogate,
      label: `input gradient of (d), second convolution (${surrogate})`,
      isIt: (o) => o.op === "inputGradient" && o.weights === "layer4.weights",
      work: (w) => ({ kind: "dense", flops: 2 * products(w) }),
    }),
  ),
  {
    ...a,
    label: "sum of squares, layer 1",
    isIt: (o) => o.op === "reduce" && o.kind === "squares" && o.from === "layer1.weights",
    work: perWeight(1),
  },
];

/** Performance of an operation, next to its bound. */
export interface Achieved {
  readonly rate: number;
  readonly unit: "GFLOP/s" | "GB/s" | "M/s";
  /** Bound of the machine in the same unit; draws have no simple bound. */
  readonly bound?: number;
  /** GFLOP/s of the dense product that a sparse sum replaces. */
  readonly denseEquivalent?: number;
}

export function achieved(work: Work, milliseconds: number, peak: Peak): Achieved {
  const perSecond = 1000 / milliseconds;
  switch (work.kind) {
    case "dense":
      return { rate: (work.flops * perSecond) / 1e9, unit: "GFLOP/s", bound: peak.arithmetic };
    case "gathered":
      return {
        rate: (4 * work.adds * perSecond) / 1e9,
        unit: "GB/s",
        bound: peak.readL1,
        denseEquivalent: (work.flops * perSecond) / 1e9,
      };
    case "streamed":
      return { rate: (work.bytes * perSecond) / 1e9, unit: "GB/s", bound: peak.triadL2 };
    case "draws":
      return { rate: (work.draws * perSecond) / 1e6, unit: "M/s" };
  }
}
