import type { NeuronKernel } from "../../../equations/kernels/kernels.js";
import { type Formulas, freeSymbols } from "../../../equations/language/expression.js";
import { ownValue } from "../../../own-value.js";
import type { Scan } from "../../contract.js";
import { neuronFormulas } from "../../host/index.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext } from "../program/compile-context.js";
import type { Launch } from "../program/kernel-cache.js";
import type { ProcedureMemory } from "../program/memory.js";
import { emitKernel, type KernelStatements, returnByLayer } from "./emit.js";
import { columnOfUnit } from "./image-source.js";

/** Source that the kernels of a neuron's forward and adjoint scans share: the code of its symbols. */
export class NeuronSource {
  readonly neuron: NeuronKernel;
  /** Number of states; layer `states` of a packed array holds the output of the step. */
  readonly states: number;
  /** Name of the kernel argument that holds the trained parameters, if there are any. */
  readonly parameterArguments: readonly string[];
  /** Statements that read them. */
  readonly declareParameters: string;
  readonly #parameters: Readonly<Record<string, string | number>>;
  readonly #gather: (memory: ProcedureMemory) => Promise<DeviceArray[]>;

  constructor(
    { neuron, parameters: bindings }: Pick<Scan, "neuron" | "parameters">,
    context: Pick<CompileContext, "tensor" | "kernels">,
    units: number,
  ) {
    this.neuron = neuron;
    this.states = neuron.states.length;
    const parameters: Record<string, string | number> = {};
    const trained: string[] = [];
    for (const name of neuron.parameters) {
      const binding = bindings[name]!;
      parameters[name] = typeof binding === "number" ? binding : `p${trained.push(binding.tensor) - 1}`;
    }
    this.#parameters = parameters;
    this.parameterArguments = trained.length === 0 ? [] : ["parameters"];
    this.declareParameters = trained.map((_, p) => `const p${p} = parameters[${p}][0][n];`).join("\n");
    this.#gather = gatherParameters(trained, context, units);
  }

  /** The array of the trained parameters, if there are any. */
  parameterArrays(memory: ProcedureMemory): Promise<DeviceArray[]> {
    return this.#gather(memory);
  }

  /** Emits some of a set of formulas. `symbols` maps symbols besides the parameters to code. */
  emit(
    formulas: Formulas,
    names: readonly string[],
    symbols: Readonly<Record<string, string | number>>,
    prefix: string,
  ): KernelStatements {
    const wanted = names.map((name) => {
      const formula = ownValue(formulas, name);
      if (formula === undefined) throw new Error(`neuron ${this.neuron.name} has no formula "${name}"`);
      return [name, formula] as const;
    });
    return emitKernel(
      neuronFormulas(this.neuron, Object.fromEntries(wanted)),
      { ...this.#parameters, ...symbols },
      prefix,
    );
  }

  /** Code of the starting values of a step: `v0`, `v1`, ... for the states, and `y`. */
  get startSymbols(): Record<string, string> {
    const states = this.neuron.states.map((state, index) => [state, `v${index}`]);
    return { ...Object.fromEntries(states), y: "y" };
  }

  /** Names of the starting values of a step, in the order of the layers of a packed array. */
  get startNames(): readonly string[] {
    return [...this.neuron.states, "y"];
  }

  /** Declares `v0`, `v1`, ... and `y` (or the requested ones) from the layers of a packed array. */
  declareStart(packed: string, wanted = this.startNames): string {
    return this.startNames
      .map((name, layer) =>
        wanted.includes(name) ? `let ${this.startSymbols[name]} = ${packed}[${layer}][b][n];` : "",
      )
      .join("\n");
  }

  /** Declares `v0`, `v1`, ... and `y` (or the requested ones) with the initial values. */
  declareInitial(wanted = this.startNames): string {
    const states = wanted.filter((name) => name !== "y");
    const { statements, results } = this.emit(this.neuron.initial, states, {}, "i");
    const set = wanted.map((name) => {
      const code = this.startSymbols[name];
      return `let ${code} = 0; ${code} = ${ownValue(results, name) ?? "0"};`;
    });
    return [statements, ...set].join("\n");
  }

  /**
   * Sets `v0`, `v1`, ... and `y` (or the requested ones) to the starting values of the next step; `symbols` are those
   * of the `carry` formulas.
   */
  carryOn(symbols: Readonly<Record<string, string>>, prefix: string, wanted = this.startNames): string {
    const { statements, results } = this.emit(this.neuron.carry, wanted, symbols, prefix);
    const set = wanted.map((name) => `${this.startSymbols[name]} = ${results[name]};`);
    return `${statements}\n${set.join("\n")}`;
  }

  /** True if a step does not depend on the one before, so that nothing has to be replayed. */
  get isMemoryless(): boolean {
    return this.states === 0 && !freeSymbols(Object.values(this.neuron.step)).includes("y");
  }

  /** Kernel (parameters): the packed starting values `[states + 1, batch, units]` of the first step. */
  makeInitial(context: CompileContext, units: number): Launch {
    const { states, initial } = this.neuron;
    const { statements, results } = this.emit(initial, states, {}, "i");
    const values = [...states.map((state) => results[state]!), "0"];
    return context.kernels.make({
      name: `initial values of ${this.neuron.name}`,
      arguments: this.parameterArguments,
      body: `${this.declareParameters}\n${statements}\n${returnByLayer(values)}`,
      output: [units, context.batch, this.states + 1],
    });
  }
}

/** Gathers trained parameters into one array `[parameters, 1, units]`, because a kernel may bind only a few arrays. */
function gatherParameters(
  trained: readonly string[],
  { kernels, tensor }: Pick<CompileContext, "tensor" | "kernels">,
  units: number,
): (memory: ProcedureMemory) => Promise<DeviceArray[]> {
  if (trained.length === 0) return async () => [];
  const columns = trained.map((name) => tensor(name).columns);
  const gather = kernels.make({
    name: "parameters",
    arguments: trained.map((_, p) => `parameter${p}`),
    body: returnByLayer(columns.map((count, p) => `parameter${p}[0][0][${columnOfUnit(count, units)}]`)),
    output: [units, 1, trained.length],
  });
  return async (memory) => [await gather(...(await Promise.all(trained.map((name) => memory.tensor(name)))))];
}
