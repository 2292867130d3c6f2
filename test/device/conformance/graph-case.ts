import type { Operation, Plan, Procedure, RunInputs, SignalSpec, TensorSpec } from "#spikevine/src/device/contract";
import { type ConformanceCase, identities, numbers } from "./case.js";
import { unitsOf, weightShape } from "./geometry.js";
import type { GraphNode, GraphSpec, NeuronNode } from "./graph.js";

type Node<Op> = Extract<GraphNode, { op: Op }>;

const EPSILON = 1e-3;
const MOMENTUM = 0.2;

/** Training of a graph, and after it the forward pass by running statistics. */
export function graphCase(name: string, spec: GraphSpec): ConformanceCase {
  const build = new GraphBuild(spec);
  const runs = Array.from({ length: spec.updates }, (_, index) => graphRun(spec, build.signals, index));
  const { seed: _, ...pixels } = runs[0]!.signals!;
  return {
    name,
    plan: build.plan,
    tensors: build.initial,
    runs: [
      ...runs.map((inputs) => ({ procedure: "train", inputs })),
      { procedure: "evaluate", inputs: { ...runs[0]!, signals: pixels } },
    ],
    compareTensors: Object.keys(build.tensors),
    compareSignals: true,
  };
}

/** Inputs of one run: pixels (some of them 0), the errors at the outputs, identities; the epoch is the run's index. */
function graphRun(spec: GraphSpec, signals: Readonly<Record<string, SignalSpec>>, index: number): RunInputs {
  const { samples, seed, scalars } = spec;
  const of = (name: string): number => samples * signals[name]!.width;
  const pixels = numbers(of("pixels"), seed + index, "pixels", -0.5, 1).map((x) => Math.max(x, 0));
  const inputs = { pixels, seed: numbers(of("seed"), seed + index, "errors") };
  return { samples, signals: inputs, sampleIds: identities(samples, seed + index), seed, epoch: index, scalars };
}

class GraphBuild {
  readonly tensors: Record<string, TensorSpec> = {};
  readonly initial: Record<string, Float32Array> = {};
  readonly signals: Record<string, SignalSpec> = {};
  readonly plan: Plan;
  readonly #spec: GraphSpec;
  readonly #forward: Operation[] = [];
  readonly #backward: Operation[] = [];
  readonly #gradients: Operation[] = [];
  readonly #trained: string[] = [];
  /** Errors at the outputs of each node, from the operations that read them. */
  readonly #errors = new Map<string, string[]>();

  constructor(spec: GraphSpec) {
    this.#spec = spec;
    const entries = Object.entries(spec.nodes);
    for (const [name, node] of entries) this.#nodeForward(name, node);
    const [last] = entries.at(-1)!;
    const { width } = this.signals[last]!;
    const to = this.#signal("readout", width, "sample", "values", "result");
    this.#forward.push({ op: "readout", kind: "sum", scale: 1, from: last, to });
    const evaluated = { ...this.signals };
    this.#errors.set(last, [this.#signal("seed", width, "sample", "values", "input")]);
    for (const [name, node] of entries.toReversed()) this.#nodeBackward(name, node);
    const training = [...this.#forward, ...this.#backward, ...this.#gradients, ...this.#updates()];
    const procedure = (signals: Procedure["signals"], operations: readonly Operation[]): Procedure => ({
      batch: spec.batch,
      steps: spec.steps,
      signals,
      operations,
    });
    const fixed = this.#forward.map((operation) =>
      operation.op === "normalize" ? { ...operation, statistics: "running" as const } : operation,
    );
    const procedures = { train: procedure(this.signals, training), evaluate: procedure(evaluated, fixed) };
    this.plan = { tensors: this.tensors, procedures };
  }

  #tensor(name: string, rows: number, columns: number, initial?: Float32Array): string {
    this.tensors[name] = { rows, columns };
    if (initial !== undefined) this.initial[name] = initial;
    return name;
  }

  /** A trained tensor of numbers around a middle. */
  #weights(name: string, rows: number, columns: number, size: number, middle = 0): string {
    this.#trained.push(name);
    this.#tensor(`${name}.gradient`, rows, columns);
    for (const state of this.#spec.rule.states) this.#tensor(`${name}.${state}`, rows, columns);
    return this.#tensor(
      name,
      rows,
      columns,
      numbers(rows * columns, this.#spec.seed, name, middle - size, middle + size),
    );
  }

  #signal(
    name: string,
    width: number,
    rows: SignalSpec["rows"],
    kind: SignalSpec["kind"] = "values",
    role: SignalSpec["role"] = this.#spec.visible ? "result" : "scratch",
  ): string {
    this.signals[name] = { width, rows, kind, role };
    return name;
  }

  #nodeForward(name: string, node: GraphNode): void {
    switch (node.op) {
      case "encode": {
        const { encoder, width } = node;
        const from = this.#signal("pixels", width, "sample", "values", "input");
        const to = this.#signal(name, width, encoder.static ? "sample" : "steps", encoder.output);
        this.#forward.push({ op: "encode", encoder, stream: 2, from, to });
        return;
      }
      case "convolution":
        this.#mapForward(name, node, weightShape(node.convolution), unitsOf(node.convolution.output));
        return;
      case "dense":
        this.#mapForward(name, node, [this.signals[node.from]!.width, node.units], node.units);
        return;
      case "pool": {
        const { rows, kind } = this.signals[node.from]!;
        const to = this.#signal(name, unitsOf(node.windows.output), rows, node.kind === "max" ? kind : "values");
        this.#forward.push({ ...node, to });
        return;
      }
      case "normalize": {
        const { width, rows } = this.signals[node.from]!;
        const tensor = (part: string, value: number): string =>
          this.#tensor(`${name}.${part}`, 1, node.channels, new Float32Array(node.channels).fill(value));
        this.#forward.push({
          op: "normalize",
          statistics: "batch",
          epsilon: EPSILON,
          momentum: MOMENTUM,
          from: node.from,
          gain: this.#weights(`${name}.gain`, 1, node.channels, 0.3, 1),
          shift: this.#weights(`${name}.shift`, 1, node.channels, 0.3),
          mean: tensor("mean", 0),
          variance: tensor("variance", 1),
          batchMean: tensor("batchMean", 0),
          batchVariance: tensor("batchVariance", 0),
          to: this.#signal(name, width, rows),
        });
        return;
      }
      case "add": {
        const terms = node.from.map((each) => this.signals[each]!);
        const rows = terms.some((term) => term.rows === "steps") ? "steps" : "sample";
        this.#forward.push({ ...node, to: this.#signal(name, terms[0]!.width, rows) });
        return;
      }
      case "neuron":
        this.#neuronForward(name, node);
    }
  }

  #mapForward(
    name: string,
    node: Node<"convolution"> | Node<"dense">,
    [rows, columns]: readonly [number, number],
    units: number,
  ): void {
    const weights = this.#weights(`${name}.weights`, rows, columns, (node.gain ?? 1) / Math.sqrt(rows));
    const bias = node.bias === undefined ? {} : { bias: this.#weights(`${name}.bias`, 1, node.bias, 0.1) };
    const to = this.#signal(name, units, this.signals[node.from]!.rows);
    this.#forward.push({ op: "current", from: node.from, weights, ...this.#convolution(node), ...bias, to });
  }

  #convolution(node: Node<"convolution"> | Node<"dense">) {
    return node.op === "convolution" ? { convolution: node.convolution } : {};
  }

  #neuronForward(name: string, node: NeuronNode): void {
    const { neuron, factor } = node;
    const { width } = this.signals[node.from]!;
    if (factor !== undefined) {
      this.#tensor(`${name}.factor`, 1, factor, numbers(factor, this.#spec.seed, `${name}.factor`, 1, 2));
    }
    if (node.recurrent) this.#weights(`${name}.recurrent`, width, width, 0.5 / Math.sqrt(width));
    for (const [parameter, [value, columns]] of Object.entries(node.parameters)) {
      if (columns !== undefined) this.#weights(`${name}.${parameter}`, 1, columns, 0.05 * Math.abs(value), value);
    }
    if (node.keep !== undefined) {
      const layer = Object.keys(this.#spec.nodes).indexOf(name);
      this.#forward.push({
        op: "dropoutMask",
        keep: node.keep,
        layer,
        to: this.#signal(`${name}.mask`, width, "sample"),
      });
    }
    const stored = new Set(neuron.adjointNeeds);
    if (this.#spec.visible)
      for (const state of [...neuron.states.map((each) => `now__${each}`), "input"]) stored.add(state);
    this.#forward.push({
      op: "scan",
      ...this.#bound(name, node),
      current: node.from,
      to: this.#signal(name, width, "steps", neuron.output),
      store: Object.fromEntries([...stored].map((value) => [value, this.#signal(`${name}.${value}`, width, "steps")])),
    });
  }

  /** What a neuron's forward and adjoint scans share. */
  #bound(name: string, { neuron, parameters, recurrent, keep }: NeuronNode) {
    const bindings = Object.entries(parameters).map(
      ([parameter, [value, columns]]) =>
        [parameter, columns === undefined ? value : { tensor: `${name}.${parameter}` }] as const,
    );
    return {
      neuron,
      parameters: Object.fromEntries(bindings),
      ...(recurrent ? { recurrent: `${name}.recurrent` } : {}),
      ...(keep === undefined ? {} : { mask: `${name}.mask` }),
    };
  }

  /** The error at a node's outputs: one signal, or the sum of several. */
  #errorAt(name: string): string {
    const errors = this.#errors.get(name) ?? [];
    if (errors.length === 1) return errors[0]!;
    const rows = errors.some((error) => this.signals[error]!.rows === "steps") ? "steps" : "sample";
    const to = this.#signal(`${name}.error`, this.signals[name]!.width, rows);
    this.#backward.push({ op: "add", from: errors, scale: 1, to });
    return to;
  }

  /** A new signal for the error that a node hands to the one before it, unless that is the input. */
  #errorFor(from: string, by: string, rows: SignalSpec["rows"]): string | undefined {
    if (this.#spec.nodes[from]!.op === "encode") return undefined;
    const to = this.#signal(`${from}.error.${by}`, this.signals[from]!.width, rows);
    this.#errors.set(from, [...(this.#errors.get(from) ?? []), to]);
    return to;
  }

  #nodeBackward(name: string, node: GraphNode): void {
    if (node.op === "encode") return;
    const error = this.#errorAt(name);
    const { rows } = this.signals[error]!;
    switch (node.op) {
      case "convolution":
      case "dense": {
        const convolution = this.#convolution(node);
        const to = this.#errorFor(node.from, name, rows);
        const weights = `${name}.weights`;
        if (to !== undefined) this.#backward.push({ op: "inputGradient", error, weights, ...convolution, to });
        const gradient = { from: node.from, error, delayed: false, ...convolution, to: `${weights}.gradient` } as const;
        this.#gradients.push({ op: "weightGradient", ...gradient });
        if (node.bias !== undefined) {
          this.#gradients.push({ op: "unitGradient", from: error, to: `${name}.bias.gradient` });
        }
        return;
      }
      case "pool": {
        const to = this.#errorFor(node.from, name, rows);
        const { op: _, ...pooled } = node;
        if (to !== undefined) this.#backward.push({ op: "poolGradient", ...pooled, error, to });
        return;
      }
      case "normalize": {
        const to = this.#errorFor(node.from, name, this.signals[node.from]!.rows);
        this.#backward.push({
          op: "normalizeGradient",
          epsilon: EPSILON,
          error,
          from: node.from,
          gain: `${name}.gain`,
          batchMean: `${name}.batchMean`,
          batchVariance: `${name}.batchVariance`,
          to: to ?? this.#signal(`${name}.unread`, this.signals[node.from]!.width, this.signals[node.from]!.rows),
          gainGradient: `${name}.gain.gradient`,
          shiftGradient: `${name}.shift.gradient`,
        });
        return;
      }
      case "add":
        for (const [index, from] of node.from.entries()) {
          const to = this.#errorFor(from, `${name}.${index}`, rows);
          if (to !== undefined) this.#backward.push({ op: "add", from: [error], scale: node.scale, to });
        }
        return;
      case "neuron":
        this.#neuronBackward(name, node, error);
    }
  }

  #neuronBackward(name: string, node: NeuronNode, error: string): void {
    const { width } = this.signals[node.from]!;
    const trained = Object.keys(node.parameters).filter((parameter) => node.parameters[parameter]![1] !== undefined);
    const to = this.#errorFor(node.from, name, "steps") ?? this.#signal(`${name}.unread`, width, "steps");
    const parameterErrors = Object.fromEntries(
      trained.map((parameter) => [parameter, this.#signal(`${name}.${parameter}.error`, width, "sample")]),
    );
    this.#backward.push({
      op: "adjointScan",
      ...this.#bound(name, node),
      stored: Object.fromEntries(node.neuron.adjointNeeds.map((value) => [value, `${name}.${value}`])),
      errors: [{ signal: error, at: "every", of: "output", scale: 1 }],
      ...(node.truncate === undefined ? {} : { truncate: node.truncate }),
      to,
      ...(node.factor === undefined ? {} : { factor: `${name}.factor` }),
      parameterErrors,
    });
    for (const [parameter, from] of Object.entries(parameterErrors)) {
      this.#gradients.push({ op: "unitGradient", from, to: `${name}.${parameter}.gradient` });
    }
    if (node.recurrent) {
      this.#gradients.push({
        op: "weightGradient",
        from: name,
        error: to,
        delayed: true,
        to: `${name}.recurrent.gradient`,
      });
    }
  }

  #updates(): Operation[] {
    const { rule } = this.#spec;
    return this.#trained.map((name) => ({
      op: "update",
      rule,
      weight: name,
      gradient: `${name}.gradient`,
      states: Object.fromEntries(rule.states.map((state) => [state, `${name}.${state}`])),
      ...(rule.usesFactor ? { factor: this.#ones(this.tensors[name]!.columns) } : {}),
      uniforms: Object.fromEntries(rule.uniforms.map((uniform) => [uniform, uniform])),
    }));
  }

  #ones(columns: number): string {
    return this.#tensor(`ones.${columns}`, 1, columns, new Float32Array(columns).fill(1));
  }
}
