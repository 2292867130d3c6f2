import type { Operation, SignalSpec } from "../../device/contract.js";

/** Name of the signal of the error at the currents of a layer of neurons. */
export const errorOf = (layer: string): string => `${layer}.error`;

/** An error that a node passes to a node below: a signal that exists, or an operation that writes one. */
export type Contribution =
  | { readonly signal: string }
  | { readonly rows: SignalSpec["rows"]; operation(to: string): Operation };

/** Errors at the outputs of nodes: contributions of all operations that read an output add up. */
export class Errors {
  readonly #contributions = new Map<number, Contribution[]>();

  constructor(
    private readonly signals: Record<string, SignalSpec>,
    private readonly operations: Operation[],
  ) {}

  /** Adds a contribution to the error of a node. */
  pass(node: number, contribution: Contribution): void {
    this.#contributions.set(node, [...(this.#contributions.get(node) ?? []), contribution]);
  }

  /**
   * Emits the operations of the contributions to a node; returns their signals, none if nothing reads the node's output.
   * @param name name of the signal, if an operation writes it
   */
  at(node: number, name: string, width: number): readonly string[] {
    const found = this.#contributions.get(node) ?? [];
    return found.map((one, i) => this.#emit(one, found.length === 1 ? name : `${name}${i + 1}`, width));
  }

  /** One signal for several contributions: their sum, under the given name. */
  sum(signals: readonly string[], name: string): string {
    if (signals.length === 1) return signals[0]!;
    const rows = signals.map((signal) => this.signals[signal]!.rows);
    const isMixed = new Set(rows).size > 1;
    // Where one of the errors is a sum over steps already, the others are summed too.
    const from = signals.map((signal, i) => (isMixed && rows[i] === "steps" ? this.summed(signal) : signal));
    const { width } = this.signals[signals[0]!]!;
    this.write({ op: "add", from, scale: 1, to: name }, width, isMixed ? "sample" : rows[0]!);
    return name;
  }

  /** The sum over steps of a signal. */
  summed(signal: string): string {
    const to = `${signal}.summed`;
    this.write({ op: "readout", kind: "sum", scale: 1, from: signal, to }, this.signals[signal]!.width, "sample");
    return to;
  }

  /** Adds an operation and the signal that it writes. */
  write(operation: Operation & { readonly to: string }, width: number, rows: SignalSpec["rows"]): void {
    this.signals[operation.to] = { kind: "values", width, rows, role: "scratch" };
    this.operations.push(operation);
  }

  #emit(contribution: Contribution, name: string, width: number): string {
    if ("signal" in contribution) return contribution.signal;
    this.write(contribution.operation(name) as Operation & { readonly to: string }, width, contribution.rows);
    return name;
  }
}
