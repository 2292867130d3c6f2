import type { RunInputs } from "#spikevine/src/device/contract";
import { drawUniform, rowKey, STREAM } from "#spikevine/src/random/counter";
import { convolve, normalized, pooled, type Shape } from "../../training/tape/images.js";
import { Tape, type Value } from "../../training/tape/tape.js";
import type { GraphNode, GraphSpec, NeuronNode } from "../conformance/graph.js";
import type { Values } from "../conformance/observe.js";

/** Values of a node: [sample, step or 0, unit]. */
type Rows = readonly (readonly (readonly Value[])[])[];

export interface ExactGraph {
  readonly readout: Float64Array;
  readonly gradients: ReadonlyMap<string, Float64Array>;
  /** Distance to the nearest corner or threshold. */
  readonly margin: number;
}

/**
 * Read-out and gradients of a graph on a tape, with the input and the spikes that a device has given. Layers are computed
 * one after another over all samples and steps, as normalization needs them.
 */
export function graphOnTape(
  spec: GraphSpec,
  initial: Readonly<Record<string, Float32Array>>,
  inputs: RunInputs,
  seen: (node: string) => Values,
): ExactGraph {
  const tape = new Tape();
  const tensors = new Map(
    Object.entries(initial).map(([name, data]) => [name, [...data].map((value) => tape.leaf(value))]),
  );
  const walk: Walk = { tape, spec, inputs, seen, nodes: new Map(), tensor: (name) => tensors.get(name)! };
  for (const [name, node] of Object.entries(spec.nodes)) walk.nodes.set(name, rowsOf(walk, name, node));
  const last = walk.nodes.get(Object.keys(spec.nodes).at(-1)!)!;
  const sums = last.flatMap((steps) => steps[0]!.map((_, n) => steps.map((row) => row[n]!)));
  const readout = sums.map((values) => values.reduce((a, b) => tape.add(a, b)));
  const all = tape.gradients(readout.map((value, n) => [value, inputs.signals!.seed![n]!] as const));
  return {
    readout: Float64Array.from(readout, ({ value }) => value),
    gradients: new Map([...tensors].map(([name, leaves]) => [name, Float64Array.from(leaves, ({ at }) => all[at]!)])),
    margin: tape.margin,
  };
}

interface Walk {
  readonly tape: Tape;
  readonly spec: GraphSpec;
  readonly inputs: RunInputs;
  readonly seen: (node: string) => Values;
  readonly nodes: Map<string, Rows>;
  readonly tensor: (name: string) => readonly Value[];
}

function rowsOf(walk: Walk, name: string, node: GraphNode): Rows {
  const { tape, tensor } = walk;
  if (node.op === "encode") {
    return recorded(walk, name, node.width).map((steps) => steps.map((row) => row.map((value) => tape.leaf(value))));
  }
  if (node.op === "neuron") return fired(walk, name, node);
  if (node.op === "add") {
    const terms = node.from.map((from) => walk.nodes.get(from)!);
    const steps = Math.max(...terms.map((term) => term[0]!.length));
    return terms[0]!.map((_, b) =>
      Array.from({ length: steps }, (_, t) => {
        const rows = terms.map((term) => term[b]!.at(t) ?? term[b]![0]!);
        return rows[0]!.map((_, n) =>
          tape.scale(
            rows.map((row) => row[n]!).reduce((x, y) => tape.add(x, y)),
            node.scale,
          ),
        );
      }),
    );
  }
  const from = walk.nodes.get(node.from)!;
  if (node.op === "normalize") {
    const steps = from[0]!.length;
    const flat = normalized(tape, from.flat(), tensor(`${name}.gain`), tensor(`${name}.shift`), 1e-3);
    return from.map((_, b) => flat.slice(b * steps, (b + 1) * steps));
  }
  return from.map((rows) => rows.map((row) => mapped(walk, name, node, row)));
}

/** One row through a pool or through weights. */
function mapped(
  { tape, tensor }: Walk,
  name: string,
  node: Extract<GraphNode, { op: "pool" | "dense" | "convolution" }>,
  row: readonly Value[],
): Value[] {
  if (node.op === "pool") return pooled(tape, row, shapeOf(node.windows.input), node.windows, node.kind, node.scale);
  const weights = tensor(`${name}.weights`);
  const bias = node.bias === undefined ? undefined : tensor(`${name}.bias`);
  let units: Value[];
  if (node.op === "dense") {
    units = Array.from({ length: node.units }, (_, n) =>
      row.map((value, i) => tape.multiply(value, weights[i * node.units + n]!)).reduce((a, b) => tape.add(a, b)),
    );
  } else {
    const { input, output, groups } = node.convolution;
    const perGroup = input.channels / groups;
    const sizes = { outputs: output.channels, groups };
    units = convolve(tape, row, shapeOf(input), node.convolution, sizes, (o, c, cell) => {
      return weights[(cell * perGroup + c) * output.channels + o]!;
    });
  }
  return bias === undefined ? units : units.map((value, n) => tape.add(value, bias[n % bias.length]!));
}

const shapeOf = ({ channels, height, width }: { channels: number; height: number; width: number }): Shape => [
  channels,
  height,
  width,
];

/** Numbers that a device has given: [sample, step or 0, unit]. */
function recorded({ spec, seen }: Walk, name: string, width: number): number[][][] {
  const numbers = seen(name);
  const rows = numbers.length / (spec.samples * width);
  return Array.from({ length: spec.samples }, (_, b) =>
    Array.from({ length: rows }, (_, t) => [...numbers.slice((b * rows + t) * width, (b * rows + t + 1) * width)]),
  );
}

/** Steps of a layer of neurons, with the spikes that a device has given. */
function fired(walk: Walk, name: string, node: NeuronNode): Rows {
  const { tape, spec, tensor } = walk;
  const currents = walk.nodes.get(node.from)!;
  const width = currents[0]![0]!.length;
  const outputs = recorded(walk, name, width);
  const parameters = (n: number): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(node.parameters).map(([parameter, [value, columns]]) => [
        parameter,
        columns === undefined ? tape.leaf(value) : tensor(`${name}.${parameter}`)[n % columns]!,
      ]),
    );
  const factors = node.factor === undefined ? undefined : tensor(`${name}.factor`);
  const unit = { snu, integrator, relu }[node.neuron.name.replace("hand-", "") as "snu" | "integrator" | "relu"];
  return currents.map((rows, b) => {
    let before = Array.from({ length: width }, () => ({
      states: unit.initial.map((x) => tape.leaf(x)),
      y: tape.leaf(0),
    }));
    return Array.from({ length: spec.steps }, (_, t) => {
      if (node.truncate !== undefined && t % node.truncate === 0) {
        before = before.map(({ states, y }) => ({ states: states.map((x) => tape.cut(x)), y: tape.cut(y) }));
      }
      const received = before.map(({ y }, m) => tape.scale(y, maskOf(walk, name, node, b, m)));
      before = before.map(({ states }, n) => {
        const factor = factors === undefined ? 1 : factors[n % factors.length]!.value;
        const inputs = [tape.amplify((rows[t] ?? rows[0]!)[n]!, factor)];
        if (node.recurrent) {
          const weights = tensor(`${name}.recurrent`);
          for (const [m, y] of received.entries()) {
            inputs.push(tape.multiply(y, tape.amplify(weights[m * width + n]!, factor)));
          }
        }
        const input = inputs.reduce((x, y) => tape.add(x, y));
        return unit.step(tape, parameters(n), input, states, outputs[b]![t]![n]!);
      });
      return before.map(({ y }, n) => tape.scale(y, maskOf(walk, name, node, b, n)));
    });
  });
}

function maskOf({ spec, inputs }: Walk, name: string, { keep }: NeuronNode, sample: number, n: number): number {
  if (keep === undefined) return 1;
  const layer = Object.keys(spec.nodes).indexOf(name);
  const key = rowKey(inputs.seed!, STREAM.dropout, inputs.epoch!, inputs.sampleIds![sample]!, layer);
  return drawUniform(key, n) < Math.fround(keep) ? 1 / keep : 0;
}

interface Neuron {
  readonly initial: readonly number[];
  step(
    tape: Tape,
    p: Readonly<Record<string, Value>>,
    input: Value,
    states: readonly Value[],
    fired: number,
  ): { states: Value[]; y: Value };
}

/** s = I + l s (1 - y), y = h(s + b) with the pseudo-derivative 1 - tanh^2 (Wozniak et al. 2020); the state is s (1 - y). */
const snu: Neuron = {
  initial: [0],
  step(tape, p, input, [kept], fired) {
    const s = tape.add(input, tape.multiply(p.l!, kept!));
    const z = tape.add(s, p.b!);
    const y = tape.spike(z, fired, 1 - Math.tanh(z.value) ** 2);
    return { states: [tape.multiply(s, tape.rest(y))], y };
  },
};

/** a leaks and integrates, b follows a. */
const integrator: Neuron = {
  initial: [0, 0.125],
  step(tape, p, input, [a, b]) {
    const nowA = tape.add(tape.multiply(p.decay!, a!), input);
    const nowB = tape.add(tape.multiply(p.decay!, b!), tape.multiply(tape.rest(p.decay!), nowA));
    return { states: [nowA, nowB], y: nowB };
  },
};

const relu: Neuron = {
  initial: [],
  step: (tape, p, input) => ({ states: [], y: tape.multiply(p.gain!, tape.relu(input)) }),
};
