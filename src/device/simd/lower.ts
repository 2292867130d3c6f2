import type {
  AdjointScan,
  Encode,
  Operation,
  Plan,
  Procedure,
  Readout,
  Reduce,
  Scan,
  UnitGradient,
  Update,
  Upstream,
  WeightGradient,
} from "../contract.js";
import { adjointScan, adjointSlots } from "./kernels/adjoint.js";
import type { KernelContext } from "./kernels/context.js";
import { activeBytes, encode, mask } from "./kernels/encode.js";
import { spikeCurrent, spikeWeightGradient } from "./kernels/gather.js";
import { upstream, valueCurrent, valueWeightGradient } from "./kernels/gemm.js";
import { recurrentSlots, scan } from "./kernels/scan.js";
import { absoluteColumns, readout, squaresOfRows, sumOfRow, sumOverSteps, unitGradient } from "./kernels/sums.js";
import { transpose, update } from "./kernels/synapse.js";
import { transposeSpikes } from "./kernels/transpose-spikes.js";
import { listShape, paddedColumns, type SignalShape, signalShape, transposedBytes } from "./layout.js";
import type { LoweredProcedure, Resource, Step } from "./steps.js";

const signal = (name: string): Resource => `signal:${name}`;
const tensor = (name: string): Resource => `tensor:${name}`;
const region = (name: string): Resource => `region:${name}`;

/** Items of four rows, the rows of a tile. */
const TILE = 4;

/** Turns the operations of a procedure into steps, adding those that only this device needs. */
export function lower(plan: Plan, name: string, procedure: Procedure, blockSamples: number): LoweredProcedure {
  return new Lowering(plan, name, procedure, blockSamples).run();
}

class Lowering {
  readonly #plan: Plan;
  readonly #prefix: string;
  readonly #procedure: Procedure;
  readonly #blockSamples: number;
  readonly #steps: Step[] = [];
  readonly #shapes = new Map<string, SignalShape>();
  readonly #regions = new Map<string, number>();
  /** What has been made already and is still true: transposed tensors, lists and sums of signals. */
  readonly #made = new Set<string>();

  constructor(plan: Plan, name: string, procedure: Procedure, blockSamples: number) {
    this.#plan = plan;
    this.#prefix = name;
    this.#procedure = procedure;
    this.#blockSamples = blockSamples;
  }

  run(): LoweredProcedure {
    const { signals, steps, operations } = this.#procedure;
    for (const [name, spec] of Object.entries(signals)) this.#shapes.set(name, signalShape(spec, steps));
    for (const operation of operations) {
      if (operation.op !== "scan" || operation.carry === undefined) continue;
      const pieces = operation.neuron.states.length + 1;
      this.#shapes.set(operation.carry, signalShape(signals[operation.carry]!, steps, pieces));
    }
    for (const operation of operations) this.#lower(operation);
    return { steps: this.#steps, shapes: this.#shapes, regions: this.#regions };
  }

  #lower(operation: Operation): void {
    switch (operation.op) {
      case "encode":
        this.#encode(operation);
        return;
      case "current": {
        const { from, weights, bias, to } = operation;
        const kernel = this.#shape(from).kind === "spikes" ? spikeCurrent : valueCurrent;
        const reads = [signal(from), tensor(weights), ...(bias === undefined ? [] : [tensor(bias)])];
        this.#sample(operation.op, reads, [signal(to)], (context, name) =>
          kernel(context, name, { from, weights, bias, to }),
        );
        return;
      }
      case "scan":
        this.#scan(operation);
        return;
      case "mask":
        this.#sample(operation.op, [], [signal(operation.to)], (context, name) => mask(context, name, operation));
        return;
      case "readout":
        this.#readout(operation);
        return;
      case "loss": {
        const { from, target, gradient, value } = operation;
        this.#steps.push({
          axis: "sample",
          name: this.#name(operation.op),
          reads: [signal(from), signal(target)],
          writes: [signal(gradient), signal(value)],
          work: { loss: operation },
        });
        return;
      }
      case "adjointScan":
        this.#adjointScan(operation);
        return;
      case "upstream":
        this.#upstream(operation);
        return;
      case "weightGradient":
        this.#weightGradient(operation);
        return;
      case "unitGradient":
        this.#unitGradient(operation);
        return;
      case "update":
        this.#update(operation);
        return;
      case "reduce":
        this.#reduce(operation);
        return;
    }
  }

  #name(what: string): string {
    return `${this.#prefix} ${this.#steps.length} ${what}`;
  }

  #shape(name: string): SignalShape {
    const shape = this.#shapes.get(name);
    if (shape === undefined) throw new Error(`no signal "${name}"`);
    return shape;
  }

  /** Adds a signal that only this device knows. */
  #auxiliary(name: string, shape: SignalShape): string {
    this.#shapes.set(name, shape);
    return name;
  }

  #values(name: string, width: number): string {
    return this.#auxiliary(name, signalShape({ kind: "values", width, rows: "sample" }, 1));
  }

  #sample(
    what: string,
    reads: readonly Resource[],
    writes: readonly Resource[],
    emit: (context: KernelContext, name: string) => void,
  ): void {
    const name = this.#name(what);
    this.#steps.push({ axis: "sample", name, reads, writes, work: { emit: (context) => emit(context, name) } });
  }

  #synapse(
    what: string,
    { items, grain }: { items: number; grain: number },
    reads: readonly Resource[],
    writes: readonly Resource[],
    emit: (context: KernelContext, name: string) => void,
  ): void {
    const name = this.#name(what);
    const work = { emit: (context: KernelContext): void => emit(context, name) };
    this.#steps.push({ axis: "synapse", name, reads, writes, items, grain, work });
    for (const written of writes) this.#made.delete(written);
  }

  #encode(operation: Encode): void {
    const { encoder, from, to } = operation;
    const { width } = this.#shape(from);
    const collects = encoder.zeroIsSilent && encoder.output === "spikes";
    const working = collects ? this.#values(`${this.#name("active")}`, activeBytes(width) / 4) : undefined;
    const writes = [signal(to), ...(working === undefined ? [] : [signal(working)])];
    this.#sample("encode", [signal(from)], writes, (context, name) => encode(context, name, operation, working));
  }

  #scan(operation: Scan): void {
    const { neuron, parameters, current, recurrent, to, store, carry, mask: dropout } = operation;
    const reads = [
      signal(current),
      ...bindings(parameters),
      ...optional(signal, dropout),
      ...optional(tensor, recurrent),
    ];
    const writes = [signal(to), ...Object.values(store).map(signal), ...optional(signal, carry)];
    const working = this.#name("working");
    if (recurrent !== undefined) {
      const { width } = this.#shape(to);
      const { count } = recurrentSlots(neuron.states.length);
      this.#auxiliary(working, signalShape({ kind: "values", width: width * count, rows: "sample" }, 1, count));
      writes.push(signal(working));
    }
    this.#sample("scan", reads, writes, (context, name) => scan(context, name, operation, working));
  }

  #readout(operation: Readout): void {
    const { from, to } = operation;
    const working = this.#values(this.#name("counts"), this.#shape(from).width);
    const goesOn = this.#procedure.signals[to]!.role === "kept";
    this.#sample("readout", [signal(from)], [signal(to), signal(working)], (context, name) =>
      readout(context, name, operation, { goesOn, working }),
    );
  }

  #adjointScan(operation: AdjointScan): void {
    const { neuron, parameters, recurrent, stored, error, mask: dropout, to, factor, parameterErrors } = operation;
    const reads = [
      signal(error),
      ...Object.values(stored).map(signal),
      ...bindings(parameters),
      ...optional(signal, dropout),
      ...optional(tensor, factor),
    ];
    const writes = [signal(to), ...Object.values(parameterErrors).map(signal)];
    if (recurrent === undefined) {
      this.#sample("adjointScan", reads, writes, (context, name) => adjointScan(context, name, operation, undefined));
      return;
    }
    const transposed = this.#transposed(recurrent);
    const { width } = this.#shape(to);
    const { count } = adjointSlots(neuron.states.length, Object.keys(parameterErrors).length);
    const shape = signalShape({ kind: "values", width: width * count, rows: "sample" }, 1, count);
    const working = this.#auxiliary(this.#name("working"), shape);
    this.#sample("adjointScan", [...reads, region(transposed)], [...writes, signal(working)], (context, name) =>
      adjointScan(context, name, operation, { working, weights: recurrent, region: transposed }),
    );
  }

  #upstream(operation: Upstream): void {
    const { error, weights, to } = operation;
    const transposed = this.#transposed(weights);
    this.#sample("upstream", [signal(error), region(transposed)], [signal(to)], (context, name) =>
      upstream(context, name, { error, weights, region: transposed, to }),
    );
  }

  /** A region with the transposed copy of a tensor, made anew where the tensor has changed. */
  #transposed(name: string): string {
    const copy = `${name} transposed`;
    const { rows, columns } = this.#plan.tensors[name]!;
    this.#regions.set(copy, transposedBytes(rows, columns).bytes);
    if (!this.#made.has(tensor(name))) {
      const items = Math.ceil(rows / TILE);
      this.#synapse("transpose", { items, grain: 8 }, [tensor(name)], [region(copy)], (context, kernel) =>
        transpose(context, kernel, name, copy),
      );
      this.#made.add(tensor(name));
    }
    return copy;
  }

  #weightGradient(operation: WeightGradient): void {
    const { from, error, delayed, to } = operation;
    const input = this.#shape(from);
    if (input.rows === 1 && this.#shape(error).rows > 1) {
      // What never changes meets the error of all steps at once.
      const summed = `${error} from ${delayed ? 1 : 0}`;
      if (!this.#made.has(summed)) {
        this.#values(summed, this.#shape(error).width);
        this.#sample("sumOverSteps", [signal(error)], [signal(summed)], (context, name) =>
          sumOverSteps(context, name, { from: error, to: summed, first: delayed ? 1 : 0 }),
        );
        this.#made.add(summed);
      }
      this.#weightGradientOf({ from, error: summed, delayed: false, to });
      return;
    }
    this.#weightGradientOf({ from, error, delayed, to });
  }

  #weightGradientOf(operation: Omit<WeightGradient, "op">): void {
    const { from, error, delayed, to } = operation;
    const input = this.#shape(from);
    if (input.kind === "values") {
      // Grains of whole tiles; the work function cuts items into rows.
      const split = { items: input.width, grain: TILE * 4 };
      this.#synapse("weightGradient", split, [signal(from), signal(error)], [tensor(to)], (context, name) =>
        valueWeightGradient(context, name, { from, error, delayed, to }),
      );
      return;
    }
    const lists = `${from} ${delayed ? "delayed " : ""}turned`;
    if (!this.#made.has(lists)) {
      this.#auxiliary(lists, listShape(input.width, input.rows, this.#blockSamples));
      this.#sample("transposeSpikes", [signal(from)], [signal(lists)], (context, name) =>
        transposeSpikes(context, name, { from, lists, delayed }),
      );
      this.#made.add(lists);
    }
    const split = { items: input.width, grain: 64 };
    this.#synapse("weightGradient", split, [signal(lists), signal(error)], [tensor(to)], (context, name) =>
      spikeWeightGradient(context, name, { lists, error, to }),
    );
  }

  #unitGradient(operation: UnitGradient): void {
    const { from, to } = operation;
    const { width } = this.#shape(from);
    const partials = `${from} summed`;
    const toOne = this.#plan.tensors[to]!.columns === 1 && width > 1;
    if (toOne) this.#regions.set(partials, paddedColumns(width) * 4);
    const split = { items: Math.ceil(width / 8), grain: 1 };
    const target = toOne ? region(partials) : tensor(to);
    this.#synapse("unitGradient", split, [signal(from)], [target], (context, name) =>
      unitGradient(context, name, operation, partials),
    );
    if (toOne) this.#sumOfRow(partials, width, to);
  }

  #sumOfRow(partials: string, count: number, to: string): void {
    this.#synapse("sum", { items: 1, grain: 1 }, [region(partials)], [tensor(to)], (context, name) =>
      sumOfRow(context, name, { region: partials, count, to }),
    );
  }

  #update(operation: Update): void {
    const { weight, gradient, states, factor } = operation;
    const held = [weight, ...Object.values(states)].map(tensor);
    const reads = [...held, tensor(gradient), ...optional(tensor, factor)];
    const split = { items: this.#plan.tensors[weight]!.rows, grain: 16 };
    this.#synapse("update", split, reads, held, (context, name) => update(context, name, operation));
  }

  #reduce(operation: Reduce): void {
    const { from, to } = operation;
    const { rows, columns } = this.#plan.tensors[from]!;
    if (operation.kind === "absoluteColumns") {
      const split = { items: Math.ceil(columns / 8), grain: 1 };
      this.#synapse("absoluteColumns", split, [tensor(from)], [tensor(to)], (context, name) =>
        absoluteColumns(context, name, operation),
      );
      return;
    }
    const partials = `${from} squares`;
    this.#regions.set(partials, rows * 4);
    this.#synapse("squares", { items: rows, grain: 32 }, [tensor(from)], [region(partials)], (context, name) =>
      squaresOfRows(context, name, operation, partials),
    );
    this.#sumOfRow(partials, rows, to);
  }
}

const bindings = (parameters: Scan["parameters"]): Resource[] =>
  Object.values(parameters).flatMap((binding) => (typeof binding === "number" ? [] : [tensor(binding.tensor)]));

const optional = (kind: (name: string) => Resource, name: string | undefined): Resource[] =>
  name === undefined ? [] : [kind(name)];
