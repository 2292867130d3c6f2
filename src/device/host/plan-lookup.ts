import type { Operation, Plan, SignalSpec, TensorSpec } from "../contract.js";

/** Properties that an operation requires of a signal; omitted ones are not checked. */
export interface SignalNeed {
  readonly kind?: SignalSpec["kind"];
  readonly width?: number;
  readonly rows?: SignalSpec["rows"];
  readonly role?: SignalSpec["role"];
}

/**
 * Looks up the names in one operation of a plan and checks the operation's requirements. Every failure is an Error of
 * the form `procedure "train", operation 3 (scan): signal "h.current" has width 5, needs 4`.
 */
export class PlanLookup {
  readonly #plan: Plan;
  readonly #procedure: string;
  /** Signals written so far; inputs and kept signals count from the start. */
  readonly #written = new Set<string>();
  #where = "";

  constructor(plan: Plan, procedure: string) {
    this.#plan = plan;
    this.#procedure = procedure;
    for (const [name, { role }] of Object.entries(plan.procedures[procedure]!.signals)) {
      if (role === "input" || role === "kept") this.#written.add(name);
    }
  }

  /** Starts the next operation, which failures name from now on. */
  enter(operation: Operation, index: number): void {
    this.#where = `procedure "${this.#procedure}", operation ${index} (${operation.op})`;
  }

  fail(what: string): never {
    throw new Error(`${this.#where}: ${what}`);
  }

  tensor(name: string, rows?: number, columns?: number): TensorSpec {
    const spec = this.#plan.tensors[name];
    if (spec === undefined) return this.fail(`no tensor "${name}" in the plan`);
    if ((rows ?? spec.rows) !== spec.rows || (columns ?? spec.columns) !== spec.columns) {
      this.fail(
        `tensor "${name}" is [${spec.rows}, ${spec.columns}], needs [${rows ?? spec.rows}, ${columns ?? spec.columns}]`,
      );
    }
    return spec;
  }

  /** A tensor of one row that holds a value per layer, channel or unit: its columns divide the units. */
  unitTensor(name: string, units: number): TensorSpec {
    const spec = this.tensor(name, 1);
    if (units % spec.columns !== 0) {
      this.fail(`tensor "${name}" has ${spec.columns} columns, which do not divide ${units} units`);
    }
    return spec;
  }

  read(name: string, need: SignalNeed = {}): SignalSpec {
    const spec = this.spec(name, need);
    if (!this.#written.has(name)) this.fail(`signal "${name}" is read, but no operation before has written it`);
    return spec;
  }

  write(name: string, need: SignalNeed = {}): SignalSpec {
    const spec = this.spec(name, need);
    if (spec.role === "input") this.fail(`signal "${name}" is an input and cannot be written`);
    this.#written.add(name);
    return spec;
  }

  /** A signal that is neither read nor written by this. */
  spec(name: string, need: SignalNeed = {}): SignalSpec {
    const spec = this.#plan.procedures[this.#procedure]!.signals[name];
    if (spec === undefined) return this.fail(`no signal "${name}" in the procedure`);
    for (const property of ["kind", "width", "rows", "role"] as const) {
      const wanted = need[property];
      if (wanted !== undefined && wanted !== spec[property]) {
        this.fail(`signal "${name}" has ${property} ${spec[property]}, needs ${wanted}`);
      }
    }
    return spec;
  }
}
