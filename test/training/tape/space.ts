import { neuronsOf } from "#spikevine/networks/graph";
import type { Network } from "#spikevine/networks/index";
import type { Dataset } from "#spikevine/src/data/dataset";
import { convolve, normalized, pooled, type Shape } from "./images.js";
import type { Unit, Variant } from "./neurons.js";
import type { SurrogateName } from "./surrogates.js";
import { Tape, type Value } from "./tape.js";

/** Values of a node: [sample, step or 0, unit]. */
type Rows = readonly (readonly (readonly Value[])[])[];

type Node = Network["nodes"][number];

/** Neurons of a layer as the papers have them. */
export interface ChosenNeurons {
  readonly variant: Variant;
  readonly surrogate: SurrogateName;
}

/** Signals of a device, `[samples, steps, units]`: the encoder's output, and the output of every layer of neurons. */
export interface SeenSpace {
  readonly input: Float32Array;
  readonly outputs: readonly Float32Array[];
}

/**
 * Loss (cross-entropy of the summed outputs, mean over samples) and gradients of a network on a tape, with the spikes of a
 * device. Layers are computed one after another over all samples and steps, as normalization needs them.
 */
export function spaceOnTape(net: Network, chosen: readonly ChosenNeurons[], data: Dataset, seen: SeenSpace) {
  const tape = new Tape();
  const arrays = new Map([...net.parameters].map(([name, { data: all }]) => [name, [...all].map((x) => tape.leaf(x))]));
  const samples = data.count;
  const outputs: Rows[] = [];
  const split = (values: Float32Array, width: number): number[][][] => {
    const rows = values.length / (samples * width);
    return Array.from({ length: samples }, (_, b) =>
      Array.from({ length: rows }, (_, t) => [...values.slice((b * rows + t) * width, (b * rows + t + 1) * width)]),
    );
  };
  const layers = neuronsOf(net);
  for (const node of net.nodes) {
    const from = "from" in node && typeof node.from === "number" ? outputs[node.from]! : undefined;
    if (node.kind === "input") {
      outputs.push(split(seen.input, net.inputs).map((rows) => rows.map((row) => row.map((x) => tape.leaf(x)))));
    } else if (node.kind === "neurons") {
      const layer = layers.indexOf(node);
      const { shape } = node;
      const spikes = split(seen.outputs[layer]!, shape.channels * shape.height * shape.width);
      outputs.push(fired(tape, node, chosen[layer]!, arrays, from!, spikes, net.steps));
    } else if (node.kind === "add") {
      outputs.push(
        added(
          tape,
          node.from.map((i) => outputs[i]!),
          node.scale,
        ),
      );
    } else if (node.kind === "normalize") {
      const flat = normalized(
        tape,
        from!.flat(),
        arrays.get(`${node.name}.gain`)!,
        arrays.get(`${node.name}.shift`)!,
        node.epsilon,
      );
      const steps = from![0]!.length;
      outputs.push(from!.map((_, b) => flat.slice(b * steps, (b + 1) * steps)));
    } else {
      outputs.push(from!.map((rows) => rows.map((row) => mapped(tape, node, arrays, row))));
    }
  }
  const seeds: [Value, number][] = [];
  let loss = 0;
  outputs.at(-1)!.forEach((steps, b) => {
    const readout = steps[0]!.map((_, n) => steps.map((row) => row[n]!).reduce((x, y) => tape.add(x, y)));
    const exponentials = readout.map(({ value }) => Math.exp(value));
    const total = exponentials.reduce((x, y) => x + y);
    readout.forEach((value, n) => {
      const target = data.labels[b] === n ? 1 : 0;
      seeds.push([value, (exponentials[n]! / total - target) / samples]);
      loss -= (target * Math.log(exponentials[n]! / total)) / samples;
    });
  });
  const all = tape.gradients(seeds);
  const gradients = new Map(
    [...arrays].map(([name, leaves]) => [name, Float64Array.from(leaves, ({ at }) => all[at]!)]),
  );
  return { loss, gradients, margin: tape.margin };
}

/** Terms of one row hold at every step. */
function added(tape: Tape, terms: readonly Rows[], factor: number): Rows {
  const steps = Math.max(...terms.map((term) => term[0]!.length));
  return terms[0]!.map((_, b) =>
    Array.from({ length: steps }, (_, t) => {
      const rows = terms.map((term) => term[b]![Math.min(t, term[b]!.length - 1)]!);
      return rows[0]!.map((_, n) =>
        tape.scale(
          rows.map((row) => row[n]!).reduce((x, y) => tape.add(x, y)),
          factor,
        ),
      );
    }),
  );
}

const shapeOf = ({ channels, height, width }: { channels: number; height: number; width: number }): Shape => [
  channels,
  height,
  width,
];

function mapped(
  tape: Tape,
  node: Extract<Node, { kind: "map" | "pool" }>,
  arrays: ReadonlyMap<string, readonly Value[]>,
  row: readonly Value[],
): Value[] {
  if (node.kind === "pool") {
    const { windows, pool, scale } = node;
    return pooled(tape, row, shapeOf(windows.input), windows, pool, scale);
  }
  const { name, columns, convolution } = node;
  const weights = arrays.get(`${name}.weights`)!;
  const bias = arrays.get(`${name}.bias`);
  const units =
    convolution === undefined
      ? Array.from({ length: columns }, (_, n) =>
          row.map((value, i) => tape.multiply(value, weights[i * columns + n]!)).reduce((x, y) => tape.add(x, y)),
        )
      : convolve(
          tape,
          row,
          shapeOf(convolution.input),
          convolution,
          { outputs: columns, groups: convolution.groups },
          (o, c, cell) => weights[(cell * (convolution.input.channels / convolution.groups) + c) * columns + o]!,
        );
  return bias === undefined ? units : units.map((value, n) => tape.add(value, bias[n % columns]!));
}

/** Steps of a layer of neurons, with the spikes that a device has given. */
function fired(
  tape: Tape,
  node: Extract<Node, { kind: "neurons" }>,
  { variant, surrogate }: ChosenNeurons,
  arrays: ReadonlyMap<string, readonly Value[]>,
  currents: Rows,
  spikes: readonly (readonly (readonly number[])[])[],
  steps: number,
): Rows {
  const width = currents[0]![0]!.length;
  const recurrent = arrays.get(`${node.name}.recurrent`);
  const parameters = Array.from({ length: width }, (_, n) =>
    Object.fromEntries(
      Object.entries(node.neuron.parameters).map(([parameter, { value }]): [string, Value] => {
        const trained = arrays.get(`${node.name}.${parameter}`);
        return [parameter, trained === undefined ? tape.leaf(value) : trained[n % trained.length]!];
      }),
    ),
  );
  return currents.map((rows, b) => {
    let before: Unit[] = parameters.map((p) => ({ state: variant.initial?.(tape, p), y: tape.leaf(0), held: 0 }));
    return Array.from({ length: steps }, (_, t) => {
      const row = rows[Math.min(t, rows.length - 1)]!;
      const last = before;
      before = last.map((unit, n) => {
        const heard = recurrent ? last.map(({ y }, m) => tape.multiply(y, recurrent[m * width + n]!)) : [];
        const current = [row[n]!, ...heard].reduce((x, y) => tape.add(x, y));
        return variant.step(tape, parameters[n]!, current, unit, spikes[b]![t]![n]!, surrogate);
      });
      return before.map(({ y }) => y);
    });
  });
}
