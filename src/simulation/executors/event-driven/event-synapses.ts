import { evaluate, symbol } from "../../../equations/language/expression.js";
import type { PlasticModel } from "../../model.js";
import { changingOf, compileLoop, type SynapseMemory } from "../plastic/synapse-loops.js";
import { type EventPlan, OWNERS, type Owner } from "./event-plan.js";
import { compilePresent, type Ends, type KeptSynapses } from "./read-synapses.js";

/** The synapses of a projection that runs from event to event: what is kept of them, and its reading and writing. */
export class EventSynapses {
  readonly model: PlasticModel;
  readonly #plan: EventPlan;
  readonly #ends: Ends;
  readonly #kept: KeptSynapses;
  readonly #step: () => number;
  readonly #reads = new Map<string, ReturnType<typeof compilePresent>>();

  /** @param step Gives the index of the next step. */
  constructor(model: PlasticModel, plan: EventPlan, ends: Ends, kept: KeptSynapses, step: () => number) {
    this.model = model;
    this.#plan = plan;
    this.#ends = ends;
    this.#kept = kept;
    this.#step = step;
  }

  /** Everything that is kept of the variables. */
  get variables(): readonly Float64Array[] {
    return Object.values(this.#kept.variables);
  }

  /** Gives all variables their initial values, at step 0. */
  reset(): void {
    const { kernel, weights, initial, parameters } = this.model;
    const { variables } = this.#kept;
    const size = this.model.targets.length;
    const isOwn = (name: string): boolean => this.#plan.owners.get(name) === "synapse";
    if (typeof weights === "number") variables.weight!.fill(weights);
    else variables.weight!.set(weights);
    const shared = Object.fromEntries(Object.entries(kernel.initial).filter(([name]) => !isOwn(name)));
    for (const [name, value] of Object.entries(evaluate(shared, {}))) variables[name]!.fill(value);
    const rows = [
      ...changingOf(kernel).map((name) => variables[name]!),
      ...kernel.parameters.map((p) => parameters[p]!),
    ];
    const memory: SynapseMemory = { kernel, rows, neurons: [], ends: this.#ends };
    const own = Object.fromEntries(Object.entries(kernel.initial).filter(([name]) => isOwn(name)));
    compileLoop(memory, own, false)(0, size, [], 0, []);
    for (const [name, values] of Object.entries(initial)) variables[name]!.set(values);
    for (const last of Object.values(this.#kept.last)) last.fill(0);
    this.#kept.silent.fill(0);
  }

  /** The present values of a variable or a derived quantity of listed synapses. */
  read(variable: string, list: Uint32Array): Float64Array {
    if (!this.#reads.has(variable)) {
      const { derived } = this.model.kernel;
      const shown = Object.hasOwn(derived, variable) ? derived[variable]! : symbol(variable);
      this.#reads.set(variable, compilePresent(this.#plan, this.model, this.#ends, shown));
    }
    const { values, stepsPerRow } = this.model.signal;
    const step = this.#step();
    // Of the steps since the last change of the signal.
    const row = Math.min(Math.floor(Math.max(step - 1, 0) / stepsPerRow), values.length - 1);
    const out = new Float64Array(list.length);
    this.#reads.get(variable)!(this.#kept, step, values[row]!, list, out);
    return out;
  }

  /** The present values of a variable of all synapses. */
  all(variable: string): Float64Array {
    return this.read(
      variable,
      Uint32Array.from({ length: this.model.targets.length }, (_, synapse) => synapse),
    );
  }

  /**
   * Gives the synapses other values of a variable, or none if they differ within a neuron that has one value for all its
   * synapses.
   */
  write(variable: string, values: Float64Array): boolean {
    const owner = this.#plan.owners.get(variable)!;
    const to = this.#kept.variables[variable]!;
    const element = (synapse: number): number => (owner === "synapse" ? synapse : this.#ends[owner][synapse]!);
    const written = to.slice();
    for (let s = 0; s < values.length; s++) written[element(s)] = values[s]!;
    if (values.some((value, s) => !Object.is(value, written[element(s)]))) return false;
    if (this.#plan.groups[owner].includes(variable)) this.#advance(owner);
    for (let s = 0; s < values.length; s++) to[element(s)] = values[s]!;
    return true;
  }

  /** Advances everything of an owner to the present. */
  #advance(owner: Owner): void {
    const names = this.#plan.groups[owner];
    const values = names.map((name) => this.all(name));
    names.forEach((name, n) => {
      const to = this.#kept.variables[name]!;
      values[n]!.forEach((value, s) => {
        to[owner === "synapse" ? s : this.#ends[owner][s]!] = value;
      });
    });
    this.#kept.last[owner]!.fill(this.#step());
  }

  /** Tells if spikes of a step have no effect, because the synapses were at rest then. */
  isSilent(sent: number): boolean {
    const { silent } = this.#kept;
    return sent >= silent[0]! && (!this.model.active || sent < silent[1]!);
  }

  /** The step at which the synapses were last at rest; 0 if they never were. */
  get restedUntil(): number {
    return this.#kept.silent[1]!;
  }

  /** Continues from the synapses as they were before a change of the model. */
  continueFrom(before: EventSynapses): void {
    const { active } = this.model;
    this.#kept.silent.set(before.#kept.silent);
    if (active !== before.model.active) this.#kept.silent[active ? 1 : 0] = this.#step();
    const sameFormulas = this.model.kernel === before.model.kernel && this.model.parameters === before.model.parameters;
    const isSame =
      sameFormulas &&
      changingOf(this.model.kernel).every((v) => before.#plan.owners.get(v) === this.#plan.owners.get(v));
    if (isSame && before.model.active && active) {
      for (const [name, values] of Object.entries(before.#kept.variables)) this.#kept.variables[name]!.set(values);
      for (const owner of OWNERS) this.#kept.last[owner]?.set(before.#kept.last[owner]!);
      return;
    }
    for (const name of changingOf(this.model.kernel)) {
      const owner = this.#plan.owners.get(name)!;
      before.all(name).forEach((value, s) => {
        this.#kept.variables[name]![owner === "synapse" ? s : this.#ends[owner][s]!] = value;
      });
    }
    for (const last of Object.values(this.#kept.last)) last.fill(this.#step());
  }
}
