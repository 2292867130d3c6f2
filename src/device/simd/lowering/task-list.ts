import type { Loss, Plan, Procedure } from "../../contract.js";
import { PANEL_COLUMNS, paddedColumns, type SignalShape, signalShape, transposedBytes } from "../compile/layout.js";
import type { KernelContext } from "../kernels/codegen/kernel-context.js";
import { largestWeights, PANEL_BOUND } from "../kernels/spikes/residue.js";
import { repeatTensor } from "../kernels/tensors/repeated.js";
import { transpose } from "../kernels/tensors/rule-update.js";
import { spikingImages } from "./spiking-images.js";
import type { LoweredProcedure, Resource, Task } from "./tasks.js";

export const signal = (name: string): Resource => `signal:${name}`;
export const tensor = (name: string): Resource => `tensor:${name}`;
export const region = (name: string): Resource => `region:${name}`;

/** The resource, or nothing for an undefined name. */
export const optional = (kind: (name: string) => Resource, name: string | undefined): Resource[] =>
  name === undefined ? [] : [kind(name)];

/** Rows of a tile, the unit in which tensors are divided. */
export const TILE = 4;

/** Resources that a task reads and writes. */
interface Access {
  readonly reads: readonly Resource[];
  readonly writes: readonly Resource[];
}

/** The tasks of one procedure as they are added, with the signals and regions that this device adds for them. */
export class TaskList {
  readonly plan: Plan;
  readonly procedure: Procedure;
  readonly blockSamples: number;
  readonly #prefix: string;
  readonly #tasks: Task[] = [];
  readonly #shapes = new Map<string, SignalShape>();
  readonly #regions = new Map<string, number>();
  readonly #inputBits = new Map<string, string>();
  /** Derived names and their source resource, until the source is written again. */
  readonly #derived = new Map<string, Resource>();

  constructor(plan: Plan, name: string, procedure: Procedure, blockSamples: number) {
    this.plan = plan;
    this.procedure = procedure;
    this.blockSamples = blockSamples;
    this.#prefix = name;
    const { signals, steps, operations } = procedure;
    const images = spikingImages(procedure);
    for (const [signal, spec] of Object.entries(signals)) {
      this.#shapes.set(signal, signalShape(spec, steps, { isImage: images.has(signal) }));
    }
    for (const operation of operations) {
      if (operation.op !== "scan" || operation.carry === undefined) continue;
      const segments = operation.neuron.states.length + 1;
      this.#shapes.set(operation.carry, signalShape(signals[operation.carry]!, steps, { segments }));
    }
  }

  get result(): LoweredProcedure {
    return { tasks: this.#tasks, shapes: this.#shapes, regions: this.#regions, inputBits: this.#inputBits };
  }

  /** A name that is unique in the procedure until the next task is added. */
  name(what: string): string {
    return `${this.#prefix} ${this.#tasks.length} ${what}`;
  }

  shape(name: string): SignalShape {
    const shape = this.#shapes.get(name);
    if (shape === undefined) throw new Error(`no signal "${name}"`);
    return shape;
  }

  /** Adds a signal that only this device uses. */
  addSignal(name: string, shape: SignalShape): string {
    this.#shapes.set(name, shape);
    return name;
  }

  /** Adds a signal of values, one row per sample of `segments` times `width` numbers. */
  addValues(name: string, width: number, segments = 1): string {
    const spec = { kind: "values", width: width * segments, rows: "sample" } as const;
    return this.addSignal(name, signalShape(spec, 1, { segments }));
  }

  /** Adds a signal of values with `rows` rows of `width` numbers per sample. */
  addRows(name: string, width: number, rows: number): string {
    return this.addSignal(name, signalShape({ kind: "values", width, rows: "steps" }, rows));
  }

  /** Adds a signal of `bytes` per sample, with a layout that the kernel defines. */
  addBytes(name: string, bytes: number): string {
    return this.addValues(name, Math.ceil(bytes / 4));
  }

  /** Adds memory for the bits of an input of spikes. */
  addInputBits(input: string, bytes: number): string {
    const bits = this.addBytes(`${input} bits`, bytes);
    this.#inputBits.set(input, bits);
    return bits;
  }

  addRegion(name: string, bytes: number): string {
    this.#regions.set(name, bytes);
    return name;
  }

  sample(what: string, { reads, writes }: Access, emit: (context: KernelContext, name: string) => void): void {
    const name = this.name(what);
    this.#add({ axis: "sample", name, reads, writes, work: { emit: (context) => emit(context, name) } });
  }

  loss(loss: Loss): void {
    const reads = [signal(loss.from), ...optional(signal, loss.target)];
    const writes = [signal(loss.gradient), signal(loss.value)];
    this.#add({ axis: "sample", name: this.name("loss"), reads, writes, work: { loss } });
  }

  synapse(
    what: string,
    { reads, writes, items, grain }: Access & { items: number; grain: number },
    emit: (context: KernelContext, name: string) => void,
    at = this.#tasks.length,
  ): void {
    const name = this.name(what);
    const work = { emit: (context: KernelContext) => emit(context, name) };
    this.#add({ axis: "synapse", name, reads, writes, items, grain, work }, at);
  }

  #add(task: Task, at = this.#tasks.length): void {
    this.#tasks.splice(at, 0, task);
    for (const [name, source] of this.#derived) if (task.writes.includes(source)) this.#derived.delete(name);
  }

  /** Derives `name` from a resource by calling `make`, unless it has been derived and is still valid. */
  derive(name: string, source: Resource, make: () => void): string {
    if (!this.#derived.has(name)) {
      make();
      this.#derived.set(name, source);
    }
    return name;
  }

  /** Name of a region with the transposed copy of a tensor. */
  transposed(name: string): string {
    const { rows, columns } = this.plan.tensors[name]!;
    return this.fromTensor(name, "transposed", transposedBytes(rows, columns).bytes, (copy, at) => {
      const access = { reads: [tensor(name)], writes: [region(copy)], items: Math.ceil(rows / TILE), grain: 8 };
      this.synapse("transpose", access, (context, kernel) => transpose(context, kernel, name, copy), at);
    });
  }

  /** Name of a region with the results of `largestWeights`. */
  largestWeights(name: string): string {
    const items = Math.ceil(this.plan.tensors[name]!.columns / PANEL_COLUMNS);
    return this.fromTensor(name, "largest", items * PANEL_BOUND, (bounds, at) => {
      const access = { reads: [tensor(name)], writes: [region(bounds)], items, grain: 1 };
      this.synapse("largestWeights", access, (context, kernel) => largestWeights(context, kernel, name, bounds), at);
    });
  }

  /**
   * Name of a region with one value per unit of a layer, from a tensor with a value per channel: unit n has that of column
   * n % columns. Undefined if the tensor can be read as it is: one number, or one per unit.
   */
  repeated(name: string, width: number): string | undefined {
    const { columns } = this.plan.tensors[name]!;
    if (columns === 1 || columns === width) return undefined;
    const bytes = paddedColumns(width) * 4;
    return this.fromTensor(name, `repeated to ${width}`, bytes, (copy, at) => {
      const access = { reads: [tensor(name)], writes: [region(copy)], items: width / columns, grain: 64 };
      this.synapse("repeat", access, (context, kernel) => repeatTensor(context, kernel, name, copy), at);
    });
  }

  /**
   * A region derived from a tensor. As early as possible: between forward and backward pass it would split the phase.
   */
  fromTensor(name: string, what: string, bytes: number, make: (region: string, at: number) => void): string {
    return this.derive(`${name} ${what}`, tensor(name), () => {
      const at = 1 + this.#tasks.findLastIndex((task) => task.writes.includes(tensor(name)));
      make(this.addRegion(`${name} ${what}`, bytes), at);
    });
  }
}
