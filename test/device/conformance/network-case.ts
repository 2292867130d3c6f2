import type {
  Operation,
  ParameterBinding,
  Procedure,
  RunInputs,
  SignalSpec,
  TensorSpec,
} from "#spikevine/src/device/contract";
import type { EncoderKernel, NeuronKernel, OptimizerKernel } from "#spikevine/src/equations/kernels/kernels";
import { type ConformanceCase, identities, numbers } from "./case.js";
import { lossFields, lossNamed, type Reduction } from "./losses.js";

export interface LayerSpec {
  readonly units: number;
  readonly neuron: NeuronKernel;
  /** Value of every parameter, and whether it is a number, one tensor element for the layer, or one per unit. */
  readonly parameters: Readonly<Record<string, readonly [value: number, bound: "fixed" | "layer" | "unit"]>>;
  readonly recurrent?: boolean;
  readonly bias?: boolean;
  /** Probability of keeping a unit (dropout). */
  readonly keep?: number;
  /** Whether the error is multiplied by a factor per unit, which the optimizer also receives. */
  readonly factor?: boolean;
  /** Size of the weights, as a multiple of 1 / sqrt(fan-in). */
  readonly gain?: number;
}

export interface NetworkSpec {
  readonly seed: number;
  readonly inputs: number;
  readonly encoder: EncoderKernel;
  readonly layers: readonly LayerSpec[];
  readonly batch: number;
  readonly samples: number;
  readonly steps: number;
  /** `lastState`: the last value of the last layer's first state. */
  readonly readout: "sum" | "last" | "lastState";
  readonly loss: string;
  readonly reduction: Reduction;
  readonly truncate?: number;
  readonly updates: number;
  readonly rule: OptimizerKernel;
  /** Values of the rule's uniforms. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Whether every signal can be read; otherwise a device may keep only the loss and the read-out. */
  readonly visible: boolean;
}

/** A whole training procedure: encode, layers, loss, adjoints, gradients, updates, importance, squares. */
export function networkCase(name: string, spec: NetworkSpec): ConformanceCase {
  const build = new NetworkBuild(spec);
  build.forward();
  build.backward();
  build.update();
  const procedure: Procedure = {
    batch: spec.batch,
    steps: spec.steps,
    signals: build.signals,
    operations: build.operations,
  };
  return {
    name,
    plan: { tensors: build.tensors, procedures: { train: procedure } },
    tensors: build.initial,
    runs: Array.from({ length: spec.updates }, (_, index) => ({ procedure: "train", inputs: networkRun(spec, index) })),
    compareTensors: Object.keys(build.tensors),
    compareSignals: true,
  };
}

/** Inputs of one run: pixels (some of them 0), one-hot targets, identities; the epoch is the run's index. */
export function networkRun(spec: NetworkSpec, index: number): RunInputs {
  const { samples, seed, layers } = spec;
  const outputs = layers.at(-1)!.units;
  const pixels = numbers(samples * spec.inputs, seed + index, "pixels", -0.5, 1).map((x) => Math.max(x, 0));
  const target = new Float32Array(samples * outputs);
  for (let sample = 0; sample < samples; sample++) target[sample * outputs + ((sample + seed) % outputs)] = 1;
  const sampleIds = identities(samples, seed + index);
  return { samples, signals: { pixels, target }, sampleIds, seed, epoch: index, scalars: spec.scalars };
}

class NetworkBuild {
  readonly tensors: Record<string, TensorSpec> = {};
  readonly initial: Record<string, Float32Array> = {};
  readonly signals: Record<string, SignalSpec> = {};
  readonly operations: Operation[] = [];
  /** Tensors that are trained; each has a gradient and the rule's states. */
  readonly #trained: { readonly name: string; readonly factor: string | undefined }[] = [];
  readonly #spec: NetworkSpec;

  constructor(spec: NetworkSpec) {
    this.#spec = spec;
  }

  #tensor(name: string, rows: number, columns: number, initial?: Float32Array): string {
    this.tensors[name] = { rows, columns };
    if (initial !== undefined) this.initial[name] = initial;
    return name;
  }

  #weights(name: string, rows: number, columns: number, size: number, factor?: string, middle = 0): string {
    const initial = numbers(rows * columns, this.#spec.seed, name, middle - size, middle + size);
    this.#trained.push({ name, factor });
    this.#tensor(`${name}.gradient`, rows, columns);
    for (const state of this.#spec.rule.states) this.#tensor(`${name}.${state}`, rows, columns);
    return this.#tensor(name, rows, columns, initial);
  }

  #signal(
    name: string,
    width: number,
    rows: SignalSpec["rows"],
    kind: SignalSpec["kind"] = "values",
    role?: SignalSpec["role"],
  ): string {
    this.signals[name] = { width, rows, kind, role: role ?? (this.#spec.visible ? "result" : "scratch") };
    return name;
  }

  #bindings(layer: LayerSpec, name: string): Record<string, ParameterBinding> {
    return Object.fromEntries(
      Object.entries(layer.parameters).map(([parameter, [value, bound]]) => [
        parameter,
        bound === "fixed" ? value : { tensor: `${name}.${parameter}` },
      ]),
    );
  }

  #stateRead(): string {
    return `now__${this.#spec.layers.at(-1)!.neuron.states[0]}`;
  }

  forward(): void {
    const { inputs, encoder, layers, readout } = this.#spec;
    this.#signal("pixels", inputs, "sample", "values", "input");
    this.#signal("input", inputs, encoder.static ? "sample" : "steps", encoder.output);
    this.operations.push({ op: "encode", encoder, stream: 2, from: "pixels", to: "input" });
    layers.forEach((layer, index) => {
      this.#layerForward(layer, index, index === 0 ? "input" : `l${index - 1}.output`);
    });
    const last = `l${layers.length - 1}`;
    const outputs = layers.at(-1)!.units;
    this.operations.push({
      op: "readout",
      kind: readout === "sum" ? "sum" : "last",
      scale: readout === "sum" ? 1 / this.#spec.steps : 1,
      from: readout === "lastState" ? `${last}.${this.#stateRead()}` : `${last}.output`,
      to: this.#signal("readout", outputs, "sample", "values", "result"),
    });
  }

  #layerForward(layer: LayerSpec, index: number, below: string): void {
    const name = `l${index}`;
    const { units, neuron, gain = 1 } = layer;
    const fanIn = this.signals[below]!.width;
    const factor = layer.factor
      ? this.#tensor(`${name}.factor`, 1, units, numbers(units, this.#spec.seed, `${name}.factor`, 1, 2))
      : undefined;
    const weights = this.#weights(`${name}.weights`, fanIn, units, gain / Math.sqrt(fanIn), factor);
    const bias = layer.bias ? this.#weights(`${name}.bias`, 1, units, 0.1, factor) : undefined;
    const recurrent = layer.recurrent ? this.#weights(`${name}.recurrent`, units, units, 0.5, factor) : undefined;
    for (const [parameter, [value, bound]] of Object.entries(layer.parameters)) {
      if (bound === "fixed") continue;
      const columns = bound === "layer" ? 1 : units;
      this.#weights(`${name}.${parameter}`, 1, columns, 0.05 * Math.abs(value), undefined, value);
    }
    const current = this.#signal(`${name}.current`, units, this.signals[below]!.rows);
    this.operations.push({ op: "current", from: below, weights, ...(bias ? { bias } : {}), to: current });
    if (layer.keep !== undefined) {
      const to = this.#signal(`${name}.mask`, units, "sample");
      const value = neuron.output === "spikes" ? { value: 1 } : {};
      this.operations.push({ op: "dropoutMask", keep: layer.keep, ...value, layer: index, to });
    }
    const stored = new Set(neuron.adjointNeeds);
    if (this.#spec.visible) {
      for (const state of neuron.states) stored.add(`now__${state}`);
      stored.add("input");
    }
    const isLast = index === this.#spec.layers.length - 1;
    if (isLast && this.#spec.readout === "lastState") stored.add(this.#stateRead());
    this.operations.push({
      op: "scan",
      neuron,
      parameters: this.#bindings(layer, name),
      current,
      ...(recurrent ? { recurrent } : {}),
      to: this.#signal(`${name}.output`, units, "steps", neuron.output),
      store: Object.fromEntries([...stored].map((value) => [value, this.#signal(`${name}.${value}`, units, "steps")])),
      ...(layer.keep === undefined ? {} : { mask: `${name}.mask` }),
    });
  }

  backward(): void {
    const { layers, loss, reduction, steps } = this.#spec;
    const outputs = layers.at(-1)!.units;
    this.operations.push({
      op: "loss",
      ...lossFields(lossNamed(loss), reduction, { outputs, steps }),
      from: "readout",
      target: this.#signal("target", outputs, "sample", "values", "input"),
      gradient: this.#signal("readout.gradient", outputs, "sample"),
      value: this.#signal("loss", 1, "sample", "values", "result"),
    });
    const gradients: Operation[] = [];
    for (let index = layers.length - 1; index >= 0; index--) this.#layerBackward(index, gradients);
    this.operations.push(...gradients);
  }

  #layerBackward(index: number, gradients: Operation[]): void {
    const { layers, readout, steps, truncate } = this.#spec;
    const layer = layers[index]!;
    const name = `l${index}`;
    const isLast = index === layers.length - 1;
    const error = this.#signal(`${name}.error`, layer.units, "steps");
    if (!isLast) {
      const to = this.#signal(`${name}.outputError`, layer.units, "steps");
      const above = `l${index + 1}`;
      this.operations.push({ op: "inputGradient", error: `${above}.error`, weights: `${above}.weights`, to });
    }
    const parameterErrors: Record<string, string> = {};
    for (const [parameter, [, bound]] of Object.entries(layer.parameters)) {
      if (bound === "fixed") continue;
      const from = this.#signal(`${name}.${parameter}.error`, layer.units, "sample");
      parameterErrors[parameter] = from;
      gradients.push({ op: "unitGradient", from, to: `${name}.${parameter}.gradient` });
    }
    this.operations.push({
      op: "adjointScan",
      neuron: layer.neuron,
      parameters: this.#bindings(layer, name),
      ...(layer.recurrent ? { recurrent: `${name}.recurrent` } : {}),
      stored: Object.fromEntries(layer.neuron.adjointNeeds.map((value) => [value, `${name}.${value}`])),
      errors: [
        {
          signal: isLast ? "readout.gradient" : `${name}.outputError`,
          at: isLast && readout !== "sum" ? "last" : "every",
          of: isLast && readout === "lastState" ? this.#stateRead() : "output",
          scale: isLast && readout === "sum" ? 1 / steps : 1,
        },
      ],
      ...(truncate === undefined ? {} : { truncate }),
      ...(layer.keep === undefined ? {} : { mask: `${name}.mask` }),
      to: error,
      ...(layer.factor ? { factor: `${name}.factor` } : {}),
      parameterErrors,
    });
    const below = index === 0 ? "input" : `l${index - 1}.output`;
    gradients.push({ op: "weightGradient", from: below, error, delayed: false, to: `${name}.weights.gradient` });
    if (layer.recurrent) {
      const to = `${name}.recurrent.gradient`;
      gradients.push({ op: "weightGradient", from: `${name}.output`, error, delayed: true, to });
    }
    if (layer.bias) gradients.push({ op: "unitGradient", from: error, to: `${name}.bias.gradient` });
  }

  update(): void {
    const { rule, layers } = this.#spec;
    for (const { name, factor } of this.#trained) {
      const { columns } = this.tensors[name]!;
      const needed = rule.usesFactor ? (factor ?? this.#ones(columns)) : undefined;
      this.operations.push({
        op: "update",
        rule,
        weight: name,
        gradient: `${name}.gradient`,
        states: Object.fromEntries(rule.states.map((state) => [state, `${name}.${state}`])),
        ...(needed === undefined ? {} : { factor: needed }),
        uniforms: Object.fromEntries(rule.uniforms.map((uniform) => [uniform, uniform])),
      });
    }
    layers.forEach(({ units }, index) => {
      const from = `l${index}.weights`;
      const importance = this.#tensor(`l${index}.importance`, 1, units);
      const squares = this.#tensor(`l${index}.squares`, 1, 1);
      this.operations.push({ op: "reduce", kind: "absoluteColumns", from, to: importance });
      this.operations.push({ op: "reduce", kind: "squares", from, to: squares });
    });
  }

  /** A factor for tensors without one. */
  #ones(columns: number): string {
    return this.#tensor(`ones.${columns}`, 1, columns, new Float32Array(columns).fill(1));
  }
}
