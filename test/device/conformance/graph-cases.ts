import type { ConformanceCase } from "./case.js";
import { convolutionOver, unitsOf, windowsOver } from "./geometry.js";
import type { GraphNode, GraphSpec, NeuronNode } from "./graph.js";
import { graphCase } from "./graph-case.js";
import {
  adaptive,
  bernoulli,
  constantCurrent,
  descent,
  handIntegrator,
  handRelu,
  handSnu,
  noisyCurrent,
} from "./kernels.js";

type Options = Pick<NeuronNode, "recurrent" | "keep" | "factor" | "truncate">;

/** Spiking units with a trained threshold per column; decay 0.8. */
const snu = (from: string, columns: number, options: Options = {}): NeuronNode => ({
  op: "neuron",
  from,
  neuron: handSnu(),
  parameters: { b: [-0.5, columns], l: [0.8] },
  ...options,
});

/** Spiking units that pass errors near the threshold only. */
const windowed = (from: string, columns: number): NeuronNode => ({
  ...snu(from, columns),
  neuron: handSnu(false, "window"),
});

const integrator = (from: string, options: Options = {}): NeuronNode => ({
  op: "neuron",
  from,
  neuron: handIntegrator(),
  parameters: { decay: [0.8, 1] },
  ...options,
});

const relu = (from: string): NeuronNode => ({ op: "neuron", from, neuron: handRelu(), parameters: { gain: [1] } });

type Convolved = Extract<GraphNode, { op: "convolution" }>;
const convolution = (
  from: string,
  over: Convolved["convolution"],
  { gain = 2, ...more }: Partial<Convolved> = {},
): Convolved => ({ op: "convolution", from, convolution: over, gain, ...more });

const pool = (from: string, kind: "sum" | "max", windows: ReturnType<typeof windowsOver>): GraphNode => ({
  op: "pool",
  from,
  kind,
  windows,
  scale: kind === "max" ? 1 : 1 / (windows.size[0] * windows.size[1]),
});

const encode = (shape: readonly [number, number, number], encoder = bernoulli(0.5)): GraphNode => ({
  op: "encode",
  width: unitsOf(windowsOver(shape, [1, 1]).input),
  encoder,
});

const dense = (from: string, units: number, more: { readonly bias?: number } = {}): GraphNode => ({
  op: "dense",
  from,
  units,
  gain: 2,
  ...more,
});

const HALVES = { stride: [2, 2] } as const;
const AROUND = { padding: [1, 1] } as const;

const USUAL: Omit<GraphSpec, "nodes"> = {
  seed: 5,
  batch: 5,
  samples: 4,
  steps: 6,
  updates: 2,
  rule: descent(),
  scalars: { rate: 0.05, keep: 0.9 },
  visible: false,
};

const GRAPHS: Readonly<Record<string, Partial<GraphSpec> & Pick<GraphSpec, "nodes">>> = {
  "spikes through convolutions and pools": {
    nodes: {
      input: encode([1, 10, 9]),
      c0: convolution("input", convolutionOver([1, 10, 9], 6, [5, 4]), { bias: 6 }),
      n0: snu("c0", 6),
      p0: pool("n0", "max", windowsOver([6, 6, 6], [2, 2], HALVES)),
      c1: convolution("p0", convolutionOver([6, 3, 3], 12, [3, 3], AROUND)),
      n1: snu("c1", 1),
      p1: pool("n1", "sum", windowsOver([12, 3, 3], [2, 2], { stride: [2, 2], padding: [1, 1] })),
      d2: dense("p1", 10),
      n2: snu("d2", 10),
    },
  },
  "spikes of bounded support": {
    steps: 9,
    nodes: {
      input: encode([12, 6, 6], bernoulli(0.85)),
      c0: convolution("input", convolutionOver([12, 6, 6], 16, [3, 3], AROUND)),
      n0: windowed("c0", 16),
      c1: convolution("n0", convolutionOver([16, 6, 6], 33, [3, 3], { stride: [2, 2], padding: [1, 1] })),
      n1: windowed("c1", 33),
      c2: convolution("n1", convolutionOver([33, 3, 3], 8, [3, 3])),
      n2: snu("c2", 8),
    },
  },
  "normalized currents and a branch with its own convolution": {
    rule: adaptive(),
    scalars: { rate: 0.01, keep: 0.9 },
    nodes: {
      input: encode([3, 6, 5], constantCurrent()),
      c0: convolution("input", convolutionOver([3, 6, 5], 8, [3, 3], AROUND)),
      b0: { op: "normalize", from: "c0", channels: 8 },
      n0: relu("b0"),
      c1: convolution("n0", convolutionOver([8, 6, 5], 12, [3, 3], { stride: [2, 2], padding: [1, 1] })),
      b1: { op: "normalize", from: "c1", channels: 12 },
      s1: convolution("n0", convolutionOver([8, 6, 5], 12, [1, 1], HALVES)),
      a1: { op: "add", from: ["b1", "s1"], scale: 1 },
      n1: relu("a1"),
      p1: pool("n1", "sum", windowsOver([12, 3, 3], [3, 3])),
      d2: dense("p1", 5),
      n2: integrator("d2"),
    },
  },
  "spikes past a branch of spikes": {
    nodes: {
      input: encode([4, 5, 5]),
      c0: convolution("input", convolutionOver([4, 5, 5], 4, [3, 3], AROUND)),
      b0: { op: "normalize", from: "c0", channels: 4 },
      n0: snu("b0", 4),
      c1: convolution("n0", convolutionOver([4, 5, 5], 4, [3, 3], AROUND)),
      b1: { op: "normalize", from: "c1", channels: 4 },
      n1: snu("b1", 4),
      sum: { op: "add", from: ["n1", "n0"], scale: 0.5 },
      p0: pool("sum", "max", windowsOver([4, 5, 5], [3, 3], { stride: [2, 2], padding: [1, 1] })),
      d2: dense("p0", 10),
      n2: snu("d2", 10),
    },
  },
  "groups, dilation, recurrence, dropout, factors": {
    steps: 8,
    nodes: {
      input: encode([3, 7, 6], noisyCurrent()),
      c0: convolution("input", convolutionOver([3, 7, 6], 15, [3, 2], { dilation: [2, 1], groups: 3 }), { bias: 1 }),
      n0: { ...integrator("c0", { keep: 0.8, factor: 15 }), parameters: { decay: [0.8, 15] } },
      c1: convolution("n0", convolutionOver([15, 3, 5], 15, [3, 3], { padding: [1, 1], groups: 15 }), { bias: 225 }),
      n1: snu("c1", 5, { factor: 3, truncate: 3 }),
      p1: pool("n1", "max", windowsOver([15, 3, 5], [3, 5])),
      d2: dense("p1", 12, { bias: 4 }),
      n2: snu("d2", 4, { recurrent: true, factor: 6 }),
    },
  },
  "pools of the input": {
    nodes: {
      input: encode([2, 6, 6]),
      p0: pool("input", "max", windowsOver([2, 6, 6], [2, 2], HALVES)),
      c0: convolution("p0", convolutionOver([2, 3, 3], 7, [2, 2])),
      p1: pool("c0", "max", windowsOver([7, 2, 2], [2, 1])),
      n1: snu("p1", 7),
    },
  },
};

/** The networks by name. */
export const graphs = (visible: boolean): Readonly<Record<string, GraphSpec>> =>
  Object.fromEntries(Object.entries(GRAPHS).map(([name, graph]) => [name, { ...USUAL, ...graph, visible }]));

/** Training of networks with images, each once with every signal readable and once with those that training needs. */
export const graphCases = (): ConformanceCase[] =>
  [true, false].flatMap((visible) =>
    Object.entries(graphs(visible)).map(([name, graph]) =>
      graphCase(`${name}${visible ? ", every signal read" : ""}`, graph),
    ),
  );
