import type { DenseLayer, Network } from "#spikevine/networks/index";
import type { Dataset } from "#spikevine/src/data/dataset";
import { drawUniform, rowKey, STREAM } from "#spikevine/src/random/counter";
import type { Unit } from "./neurons.js";
import type { NetworkChoice } from "./random-network.js";
import { Tape, type Value } from "./tape.js";

/**
 * Signals of a device for a batch: `[samples, steps, width]` of the first layer's input and of every layer's output.
 */
export interface Seen {
  readonly input: Float32Array;
  readonly outputs: readonly Float32Array[];
}

export interface Exact {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float64Array>;
  /** Distance to the nearest corner or threshold. */
  readonly margin: number;
}

/** Output and state before the reset of every unit, `[layer][step][unit]`. */
export type History = readonly (readonly (readonly { readonly y: Value; readonly seen: Value | undefined }[])[])[];

/** The loss of one sample, from what its presentation has left on the tape. */
export type SampleLoss = (
  tape: Tape,
  sample: { readonly history: History; readonly label: number; readonly arrays: ReadonlyMap<string, readonly Value[]> },
) => Value;

const EPOCH = 1;

/**
 * Loss and gradients of a network by backpropagation through time on a tape, with the spikes of a device.
 * @param own a loss in place of the choice's; its mean over samples is taken
 */
export function backpropagate(
  choice: NetworkChoice,
  net: Network,
  data: Dataset,
  seen: Seen,
  seed: number,
  own?: SampleLoss,
): Exact {
  const tape = new Tape();
  const arrays = new Map([...net.parameters].map(([name, array]) => [name, [...array.data].map((x) => tape.leaf(x))]));
  const seeds: [Value, number][] = [];
  let loss = 0;
  for (let sample = 0; sample < data.count; sample++) {
    const history = present(tape, choice, net, arrays, seen, sample, seed);
    if (own !== undefined) {
      const value = own(tape, { history, label: data.labels[sample]!, arrays });
      loss += value.value / data.count;
      seeds.push([value, 1 / data.count]);
      continue;
    }
    const said = readoutOf(tape, net, history);
    const target = said.map((_, n) => (data.labels[sample] === n ? 1 : 0));
    const divisor = divisorOf(choice, said.length, data.count);
    const { value, slopes } = lossOf(
      choice.loss,
      said.map(({ value: v }) => v),
      target,
    );
    loss += value / divisor;
    for (const [n, output] of said.entries()) seeds.push([output, slopes[n]! / divisor]);
  }
  const all = tape.gradients(seeds);
  const gradients = new Map(
    [...arrays].map(([name, leaves]) => [name, Float64Array.from(leaves, ({ at }) => all[at]!)]),
  );
  return { loss, gradients, margin: tape.margin };
}

/** Presents one sample. */
function present(
  tape: Tape,
  choice: NetworkChoice,
  net: Network,
  arrays: ReadonlyMap<string, readonly Value[]>,
  seen: Seen,
  sample: number,
  seed: number,
): History {
  const { inputs, steps, truncate = Number.POSITIVE_INFINITY } = choice;
  const layers = (net.layers as readonly DenseLayer[]).map((layer, index) => {
    const name = net.layerNames[index]!;
    const { variant, surrogate } = choice.layers[index]!;
    const units = Array.from({ length: layer.units }, (_, n) => {
      const p = Object.fromEntries(
        Object.entries(layer.neuron!.parameters).map(([parameter, { value }]): [string, Value] => {
          const trained = arrays.get(`${name}.${parameter}`);
          return [parameter, trained === undefined ? tape.leaf(value) : trained[trained.length === 1 ? 0 : n]!];
        }),
      );
      const mask = maskOf(layer.dropout, seed, sample, index, n);
      const before: Unit = { state: variant.initial?.(tape, p), y: tape.leaf(0), held: 0 };
      return { p, mask, before };
    });
    return { name, variant, surrogate, layer, units };
  });
  const history = layers.map((): { y: Value; seen: Value | undefined }[][] => []);
  for (let t = 0; t < steps; t++) {
    const rows = seen.input.length / (choice.samples * inputs);
    const from = (sample * rows + (rows === 1 ? 0 : t)) * inputs;
    let below: Value[] = Array.from({ length: inputs }, (_, i) => tape.leaf(seen.input[from + i]!));
    layers.forEach(({ name, variant, surrogate, layer, units }, index) => {
      // Values that cross a border between windows are plain numbers.
      if (t % truncate === 0 && t > 0) {
        for (const unit of units) {
          const { state, y, held, more } = unit.before;
          const cut = more?.map((value) => tape.cut(value));
          unit.before = { state: state && tape.cut(state), y: tape.cut(y), held, ...(cut ? { more: cut } : {}) };
        }
      }
      const heard = units.map(({ before, mask }) => tape.scale(before.y, mask));
      const into = (array: string, values: readonly Value[], n: number): Value[] =>
        values.map((value, i) => tape.multiply(value, arrays.get(`${name}.${array}`)![i * layer.units + n]!));
      const now = units.map(({ p, before }, n) => {
        const terms = [
          ...into("weights", below, n),
          ...(layer.recurrent ? into("recurrent", heard, n) : []),
          ...(layer.bias ? [arrays.get(`${name}.bias`)![n]!] : []),
        ];
        const current = terms.reduce((a, b) => tape.add(a, b));
        const fired = seen.outputs[index]![(sample * steps + t) * layer.units + n]!;
        return variant.step(tape, p, current, before, fired, surrogate);
      });
      units.forEach((unit, n) => {
        unit.before = now[n]!;
      });
      below = now.map(({ y }, n) => tape.scale(y, units[n]!.mask));
      history[index]!.push(below.map((y, n) => ({ y, seen: now[n]!.seen })));
    });
  }
  return history;
}

function readoutOf(tape: Tape, net: Network, layers: History): Value[] {
  const history = layers.at(-1)!;
  return history[0]!.map((_, n) => {
    const last = history.at(-1)![n]!;
    if (net.readout.name === "lastState") return last.seen!;
    if (net.readout.name === "lastOutput") return last.y;
    const sum = history.map((step) => step[n]!.y).reduce((a, b) => tape.add(a, b));
    return net.readout.name === "rate" ? tape.scale(sum, 1 / net.steps) : sum;
  });
}

/** Dropout is drawn once per presentation, for every sample and unit. */
function maskOf(dropout: number, seed: number, sample: number, layer: number, n: number): number {
  if (dropout === 0) return 1;
  const keep = Math.fround(1 - dropout);
  return drawUniform(rowKey(seed, STREAM.dropout, EPOCH, sample, layer), n) < keep ? 1 / (1 - dropout) : 0;
}

function divisorOf({ loss, reduction }: NetworkChoice, outputs: number, samples: number): number {
  if (reduction === "sum") return 1;
  return reduction === "mean" && loss === "mean-squared-error" ? samples * outputs : samples;
}

function lossOf(loss: NetworkChoice["loss"], y: readonly number[], target: readonly number[]) {
  if (loss === "mean-squared-error") {
    const differences = y.map((value, n) => value - target[n]!);
    return { value: differences.reduce((sum, d) => sum + d * d, 0), slopes: differences.map((d) => 2 * d) };
  }
  const exponentials = y.map((value) => Math.exp(value));
  const total = exponentials.reduce((a, b) => a + b);
  const probabilities = exponentials.map((e) => e / total);
  const value = -target.reduce((sum, t, n) => sum + t * Math.log(probabilities[n]!), 0);
  return { value, slopes: probabilities.map((p, n) => p - target[n]!) };
}
