import { freeSymbols } from "../../../equations/language/expression.js";
import type { AdjointScan, ErrorSource } from "../../contract.js";
import { type CompileContext, stepOf } from "../program/compile-context.js";
import type { NeuronSource } from "./neuron-source.js";

/** Position of a chunk in the run; errors at the last step enter only the chunk that ends the run. */
export type ChunkPosition = "ends the run" | "before the end";

export interface SingleStep {
  /** True for the first step of the run. */
  readonly isFirst: boolean;
  readonly position: ChunkPosition;
  /** True if no error is propagated from it to the step before. */
  readonly isCut: boolean;
  /** Code for the error that arrives through the recurrent connections of this step, if there are any. */
  readonly recurrentError: string | undefined;
}

interface StepSource {
  readonly j: string;
  /** Code of the condition that this is the first step of the run, if it may be. */
  readonly isFirst: string | undefined;
  /** Declares the starting values of the step. */
  readonly beginning: string;
  /** Code of the error of each source. */
  readonly outside: readonly string[];
  readonly recurrentError: string | undefined;
  /** Clears the errors that would be propagated. */
  readonly cut: string;
}

/**
 * Source of one step of an adjoint scan, shared by the replayed and the step-by-step kernels. Layers that are
 * propagated from a step to the one before it: the error at each state, then at y, then the sums of the trained
 * parameters' derivatives.
 */
export class AdjointSource {
  readonly #operation: AdjointScan;
  readonly #text: NeuronSource;
  readonly #context: CompileContext;
  readonly trained: readonly string[];
  /** Formulas that a step computes. */
  readonly #results: readonly string[];
  /** Starting values that the formulas read; only these are computed again from the step before. */
  readonly began: readonly string[];

  constructor(operation: AdjointScan, text: NeuronSource, context: CompileContext) {
    this.#operation = operation;
    this.#text = text;
    this.#context = context;
    this.trained = Object.keys(operation.parameterErrors);
    this.#results = ["input", ...text.startNames, ...this.trained].map((name) => `d__${name}`);
    const read = freeSymbols(this.#results.map((name) => operation.neuron.adjoint[name]!));
    this.began = text.startNames.filter((name) => read.includes(name));
  }

  /** Kernel arguments: stored arrays, the start of the chunk, errors, the propagated errors, mask, parameters. */
  get arguments(): string[] {
    const parameters = this.#text.parameterArguments;
    return [...this.storedArguments, "start", ...this.#errorArguments, "propagated", "mask", ...parameters];
  }

  get #errorArguments(): string[] {
    return this.#operation.errors.map((_, index) => `error${index}`);
  }

  get storedArguments(): string[] {
    return this.#operation.neuron.adjointNeeds.map((_, index) => `stored${index}`);
  }

  /** Propagated values, layer by layer: `d0`, ... of the states, `dy`, `q0`, ... of the trained parameters. */
  get propagated(): readonly string[] {
    return [...this.#errors, ...this.trained.map((_, index) => `q${index}`)];
  }

  get #errors(): readonly string[] {
    return [...this.#operation.neuron.states.map((_, index) => `d${index}`), "dy"];
  }

  /** Declares the values propagated to the last step, and the result `out` (error at the input) of a step. */
  declare(): string {
    const propagated = this.propagated.map((name, layer) => `let ${name} = propagated[${layer}][b][n];`);
    return [this.#text.declareParameters, ...propagated, "let out = 0;"].join("\n");
  }

  /**
   * Source of step j of a chunk that begins at step `first`. `recurrentError` is code for the error that arrives
   * through the recurrent connections of this step, if there are any.
   */
  step(first: number, steps: number, position: ChunkPosition, recurrentError?: string): string {
    const { truncate } = this.#operation;
    return this.#statements({
      j: "j",
      isFirst: first === 0 ? "j === 0" : undefined,
      beginning: this.#beginning(first),
      outside: this.#outside("j", position, steps),
      recurrentError,
      cut: truncate === undefined ? "" : this.#truncation(first, truncate),
    });
  }

  /**
   * Arguments of the kernel of a step whose arrays have one step each; stored arrays are passed for the step before
   * too.
   */
  get singleStepArguments(): string[] {
    const [stored, parameters] = [this.storedArguments, this.#text.parameterArguments];
    const before = stored.map((name) => `${name}Before`);
    return [...stored, ...before, ...this.#errorArguments, "propagated", "mask", ...parameters];
  }

  /** Source of a step whose arrays have one step each. */
  singleStep({ isFirst, position, isCut, recurrentError }: SingleStep): string {
    const wanted = this.began;
    const resumed = `
${wanted.map((name) => `let ${this.#text.startSymbols[name]} = 0;`).join(" ")}
${this.#resume((stored) => `${stored}Before[0][b][n]`)}`;
    return this.#statements({
      j: "0",
      isFirst: isFirst ? "true" : undefined,
      beginning: wanted.length === 0 ? "" : isFirst ? this.#text.declareInitial(wanted) : resumed,
      outside: this.#outside("0", position, 1),
      recurrentError,
      cut: isCut ? this.#forget : "",
    });
  }

  #statements({ j, isFirst, beginning, outside, recurrentError, cut }: StepSource): string {
    const { neuron, errors, mask } = this.#operation;
    const entering = (place: ErrorSource["of"]): string[] =>
      errors.flatMap(({ of }, index) => (of === place ? [`outside${index}`] : []));
    const atOutput = [...entering("output"), ...(recurrentError === undefined ? [] : [recurrentError])].join(" + ");
    const masked = atOutput === "" ? "dy" : `(${atOutput})${mask === undefined ? "" : " * mask[0][b][n]"} + dy`;
    const needs = neuron.adjointNeeds;
    const { statements, results } = this.#text.emit(
      neuron.adjoint,
      this.#results,
      {
        ...this.#text.startSymbols,
        ...Object.fromEntries(needs.map((name, index) => [name, `now${index}`])),
        d__y__now: "seed",
        ...Object.fromEntries(neuron.states.map((state, index) => [`d__${state}__next`, `d${index}`])),
        ...Object.fromEntries(neuron.states.map((state) => [`d__now__${state}`, sumOf(entering(`now__${state}`))])),
      },
      "e",
    );
    const next = [...neuron.states.map((state) => results[`d__${state}`]!), results.d__y!];
    return `
${needs.map((_, index) => `const now${index} = stored${index}[${j}][b][n];`).join("\n")}
${beginning}
${outside.map((code, index) => `const outside${index} = ${code};`).join("\n")}
const seed = ${masked};
${statements}
${next.map((code, index) => `const next${index} = ${code};`).join("\n")}
out = ${results.d__input};
${this.trained.map((name, p) => `q${p} = q${p} + ${results[`d__${name}`]};`).join("\n")}
${this.#errors.map((name, index) => `${name} = next${index};`).join("\n")}
${isFirst === undefined ? "" : this.#atStart(isFirst)}
${cut}`;
  }

  /** Adds the errors at the initial values to the trained parameters, if the step is the first. */
  #atStart(isFirst: string): string {
    const { neuron } = this.#operation;
    const names = this.trained.map((name) => `d__${name}`).filter((name) => Object.hasOwn(neuron.initialAdjoint, name));
    if (names.length === 0) return "";
    const errors = Object.fromEntries(neuron.states.map((state, index) => [`d__${state}`, `d${index}`]));
    const { statements, results } = this.#text.emit(neuron.initialAdjoint, names, errors, "s");
    const sums = this.trained.flatMap((name, p) => {
      const result = results[`d__${name}`];
      return result === undefined ? [] : [`q${p} = q${p} + ${result};`];
    });
    const added = [statements, ...sums].join("\n");
    return isFirst === "true" ? added : `if (${isFirst}) {\n${added}\n}`;
  }

  /**
   * Declares the starting values of step j: the start of the chunk, or values computed from the stored ones of the
   * step before.
   */
  #beginning(first: number): string {
    if (this.began.length === 0) return "";
    return `
${first === 0 ? this.#text.declareInitial(this.began) : this.#text.declareStart("start", this.began)}
if (j > 0) {
  ${this.#resume((stored) => `${stored}[j - 1][b][n]`)}
}`;
  }

  /** Sets the starting values of a step to the carry of the step before, computed from its stored values. */
  #resume(before: (stored: string) => string): string {
    const needs = this.#operation.neuron.adjointNeeds;
    const symbols = Object.fromEntries(needs.map((name, index) => [name, `before${index}`]));
    return `${needs.map((_, index) => `const before${index} = ${before(`stored${index}`)};`).join("\n")}
${this.#text.carryOn(symbols, "c", this.began)}`;
  }

  /** The error of each source at step j of `steps`. */
  #outside(j: string, position: ChunkPosition, steps: number): string[] {
    return this.#operation.errors.map(({ signal, at, scale }, index) => {
      if (at === "last" && position === "before the end") return "0.0";
      const row = stepOf(this.#context.signal(signal), j);
      const value = `error${index}[${row}][b][n] * ${scale < 0 ? `(${scale})` : scale}`;
      return at === "every" || steps === 1 ? value : `${j} === ${steps - 1} ? ${value} : 0`;
    });
  }

  /**
   * Propagates nothing if the step is a multiple of `every`; adding one half protects the quotient against rounding.
   */
  #truncation(first: number, every: number): string {
    return `
const whole = Math.floor((j + ${first} + 0.5) / ${every}) * ${every};
if (whole === j + ${first}) { ${this.#forget} }`;
  }

  get #forget(): string {
    return this.#errors.map((name) => `${name} = 0;`).join(" ");
  }
}

/** Code of a sum of terms, for use in an expression. */
const sumOf = (terms: readonly string[]): string | number => (terms.length === 0 ? 0 : `(${terms.join(" + ")})`);
