import fc from "fast-check";
import { convolutionOver, unitsOf, windowsOver } from "./geometry.js";
import type { GraphSpec, NeuronNode } from "./graph.js";
import { bernoulli, descent, handIntegrator, handSnu, noisyCurrent } from "./kernels.js";

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Geometries of all kinds, and what follows the first convolution. */
export const randomGraph = fc.record({
  seed: fc.nat(1e6),
  samples: fc.integer({ min: 1, max: 3 }),
  channelsPerGroup: pair(1, 4),
  cells: pair(1, 6),
  groups: fc.constantFrom(1, 1, 2),
  size: pair(1, 3),
  stride: pair(1, 3),
  padding: pair(0, 3),
  dilation: pair(1, 2),
  kind: fc.constantFrom("max" as const, "sum" as const),
  pool: pair(1, 3),
  poolStride: pair(1, 2),
  spikes: fc.boolean(),
  normalize: fc.boolean(),
  branch: fc.boolean(),
});
type Choice = typeof randomGraph extends fc.Arbitrary<infer C> ? C : never;

const spiking = (from: string, columns: number): NeuronNode => ({
  op: "neuron",
  from,
  neuron: handSnu(),
  parameters: { b: [-0.3, columns], l: [0.8] },
});

/** A convolution, and what may follow one: normalization, a pool, a branch around another convolution. */
export function graphOf({ seed, samples, channelsPerGroup, cells, groups, size, ...choice }: Choice): GraphSpec {
  const shape = [channelsPerGroup[0] * groups, cells[0], cells[1]] as const;
  // At least one window fits.
  const padding = ([0, 1] as const).map((axis) => {
    const missing = choice.dilation[axis] * (size[axis] - 1) + 1 - cells[axis];
    return Math.max(choice.padding[axis], Math.ceil(missing / 2));
  }) as [number, number];
  const first = convolutionOver(shape, channelsPerGroup[1] * groups, size, { ...choice, padding, groups });
  const { channels, height, width } = first.output;
  const pool = [Math.min(choice.pool[0], height), Math.min(choice.pool[1], width)] as const;
  const windows = windowsOver([channels, height, width], pool, {
    stride: choice.poolStride,
    padding: [pool[0] - 1, 0],
  });
  const second = convolutionOver([channels, height, width], channels, [3, 1], { padding: [1, 0] });
  const nodes: GraphSpec["nodes"] = {
    input: { op: "encode", width: unitsOf(first.input), encoder: choice.spikes ? bernoulli(0.4) : noisyCurrent() },
    c0: {
      op: "convolution",
      from: "input",
      convolution: first,
      gain: 2,
      // Normalization takes a bias away: its gradient would be rounding.
      ...(choice.normalize ? {} : { bias: channels }),
    },
    normal: { op: "normalize", from: "c0", channels },
    n0: spiking(choice.normalize ? "normal" : "c0", channels),
    c1: { op: "convolution", from: "n0", convolution: second },
    sum: { op: "add", from: ["c1", "n0"], scale: 0.5 },
    p0: {
      op: "pool",
      from: choice.branch ? "sum" : "n0",
      kind: choice.kind,
      windows,
      scale: choice.kind === "max" ? 1 : 0.3,
    },
    d1: { op: "dense", from: "p0", units: 3 },
    n1: { op: "neuron", from: "d1", neuron: handIntegrator(), parameters: { decay: [0.8, 1] } },
  };
  const [rule, scalars] = [descent(), { rate: 0 }];
  return { seed, batch: 3, samples, steps: 3, nodes: reachable(nodes), updates: 1, rule, scalars, visible: true };
}

/** The nodes that the last one depends on. */
function reachable(nodes: GraphSpec["nodes"]): GraphSpec["nodes"] {
  const kept = new Set<string>([Object.keys(nodes).at(-1)!]);
  for (const [name, node] of Object.entries(nodes).toReversed()) {
    if (kept.has(name) && "from" in node) for (const from of [node.from].flat()) kept.add(from);
  }
  return Object.fromEntries(Object.entries(nodes).filter(([name]) => kept.has(name)));
}
