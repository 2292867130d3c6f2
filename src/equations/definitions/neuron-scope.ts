import { SpikevineError } from "../../errors.js";
import type { Draw } from "../kernels/kernels.js";
import { type NameDimensions, requireUnit, unitOf } from "../language/check-units.js";
import { type Expression, type NamedSymbol, symbol } from "../language/expression.js";
import { type CallMeanings, resolve } from "../language/parse.js";
import type { Syntax, TableFunction } from "../language/syntax.js";
import { DIMENSIONLESS, type Dimension, parseUnit } from "../language/units.js";
import type { NeuronSpec } from "./neuron-spec.js";
import { checkFunctions, namesIn, type OwnFunctions, parseWith, readFunctions } from "./own-functions.js";
import { isTimedArray, type TimedValue } from "./timed-array.js";
import { NOISE_UNIT, noiseNames } from "./white-noise.js";

/** Symbols of the names that only simulations bind. */
export const T = symbol("t__now");
export const INDEX = symbol("i__index");
export const SIZE = symbol("n__size");

export const TIME: Dimension = parseUnit("ms", "dt").dimension;

/** Names that only simulations have; a name of the definition goes before. */
export const SIMULATED: readonly { readonly name: string; readonly symbol: NamedSymbol; readonly unit: Dimension }[] = [
  { name: "t", symbol: T, unit: TIME },
  { name: "i", symbol: INDEX, unit: DIMENSIONLESS },
  { name: "N", symbol: SIZE, unit: DIMENSIONLESS },
];

/** Meanings and units of the names of one kind of equation. */
export interface Scope {
  readonly names: ReadonlyMap<string, Expression>;
  readonly units: NameDimensions;
  /** White noise has a meaning here. */
  readonly noise?: boolean;
}

/** Reads the equations of a neuron, whose subexpressions mean something else in each kind of equation. */
export class EquationReader {
  readonly #where: string;
  readonly #functions: OwnFunctions;
  readonly #specs: NonNullable<NeuronSpec["functions"]>;
  readonly #timed = new Map<string, TimedValue>();
  readonly #tables = new Set<string>();
  readonly #derived: ReadonlyMap<string, { readonly syntax: Syntax; readonly unit: Dimension | undefined }>;
  readonly #draws = new Map<Syntax, Draw>();
  readonly #noises = new Set<string>();
  readonly #meanings = new Map<Scope, Map<string, Expression>>();

  /** @param unitNamed Reads the name of a unit. */
  constructor(
    where: string,
    { derived = {}, functions = {} }: Pick<NeuronSpec, "derived" | "functions">,
    unitNamed: (unit: string, where: string) => Dimension,
  ) {
    this.#where = where;
    this.#functions = readFunctions(functions, where);
    this.#specs = functions;
    this.#derived = new Map(
      Object.entries(derived).map(([name, given]) => {
        const { equation, unit } = typeof given === "string" ? { equation: given, unit: undefined } : given;
        const at = `${where}: in ${name}`;
        return [
          name,
          { syntax: parseWith(this.#functions, equation, at), unit: unit === undefined ? unit : unitNamed(unit, at) },
        ];
      }),
    );
  }

  /** The draws of the equations read so far. */
  get draws(): readonly Draw[] {
    return [...this.#draws.values()];
  }

  /** Timed arrays of which the equations read so far use the present row, by the symbol of their value. */
  get timed(): Readonly<Record<string, TimedValue>> {
    return Object.fromEntries(this.#timed);
  }

  /** Names of the tables that the equations read so far look up. */
  get tables(): readonly string[] {
    return [...this.#tables];
  }

  /** Names of the white noises in the equations read so far. */
  get noises(): readonly string[] {
    return [...this.#noises];
  }

  /** @throws SpikevineError if the equation has an unknown name or a term of another unit. */
  read(text: string, scope: Scope, unit: Dimension, at: string): Expression {
    const syntax = parseWith(this.#functions, text, at);
    const expression = this.#resolve(syntax, scope, at, []);
    requireUnit(syntax, unit, this.#units(syntax, scope), at);
    return expression;
  }

  /** An equation whose unit is not known before. */
  readAny(text: string, scope: Scope, at: string): { expression: Expression; unit: Dimension } {
    const syntax = parseWith(this.#functions, text, at);
    return {
      expression: this.#resolve(syntax, scope, at, []),
      unit: unitOf(syntax, this.#units(syntax, scope), at),
    };
  }

  /** Refuses names in functions that no scope has, and units that do not fit, also in functions that no equation calls. */
  checkFunctions(scopes: readonly Scope[]): void {
    const own = scopes.flatMap(({ names }) => [...names.keys()]);
    const known = [...own, ...this.#derived.keys(), ...SIMULATED.map(({ name }) => name)];
    const units = new Map(scopes.flatMap((scope) => [...scope.units]));
    checkFunctions(this.#functions, known, (body) => this.#units(body, { names: new Map(), units }), this.#where);
  }

  /** Every subexpression in a scope, with its unit. */
  subexpressions(scope: Scope): Record<string, { expression: Expression; unit: Dimension }> {
    return Object.fromEntries(
      [...this.#derived.keys()].map((name) => [name, this.readAny(name, scope, `${this.#where}: in ${name}`)]),
    );
  }

  #resolve(syntax: Syntax, scope: Scope, at: string, within: readonly string[]): Expression {
    const names = new Map(scope.names);
    for (const { name, symbol: meaning } of SIMULATED) if (!names.has(name)) names.set(name, meaning);
    for (const name of namesIn(syntax)) {
      if (this.#derived.has(name)) names.set(name, this.#meaning(name, scope, within));
    }
    for (const name of scope.noise === true ? noiseNames(syntax, names) : []) {
      this.#noises.add(name);
      names.set(name, symbol(name));
    }
    const calls: CallMeanings = {
      draw: (kind, call) => this.#draw(kind, call),
      table: (name, table, inputs) => this.#table(name, table, inputs),
    };
    return resolve(syntax, names, at, calls);
  }

  #meaning(name: string, scope: Scope, within: readonly string[]): Expression {
    const known = this.#meanings.get(scope) ?? new Map<string, Expression>();
    this.#meanings.set(scope, known);
    const found = known.get(name);
    if (found !== undefined) return found;
    const at = `${this.#where}: in ${name}`;
    if (within.includes(name)) {
      throw new SpikevineError(`${at}: it is defined by itself (${[...within, name].join(", ")}); make it a state.`);
    }
    const { syntax, unit } = this.#derived.get(name)!;
    const made = this.#resolve(syntax, scope, at, [...within, name]);
    if (unit !== undefined) requireUnit(syntax, unit, this.#units(syntax, scope), at);
    known.set(name, made);
    return made;
  }

  /** Units of a scope, with those of the subexpressions that an equation names. */
  #units(syntax: Syntax, scope: Scope): NameDimensions {
    const units = new Map(scope.units);
    for (const { name, unit } of SIMULATED) if (!units.has(name)) units.set(name, unit);
    for (const name of noiseNames(syntax, units)) units.set(name, NOISE_UNIT);
    for (const name of namesIn(syntax)) {
      const derived = this.#derived.get(name);
      if (derived === undefined) continue;
      const { unit } = derived;
      units.set(name, unit ?? unitOf(derived.syntax, this.#units(derived.syntax, scope), `${this.#where}: in ${name}`));
    }
    return units;
  }

  /** The present row of a timed array has a symbol, for which a simulation need not look up anything per neuron. */
  #table(name: string, table: TableFunction, inputs: readonly Expression[]): Expression {
    const spec = this.#specs[name];
    const [time, column = INDEX] = inputs;
    if (!isTimedArray(spec) || time !== T || column !== INDEX) {
      this.#tables.add(name);
      return table.value(...inputs);
    }
    const perNeuron = inputs.length === 2;
    const present = `timed__${name}${perNeuron ? "__i" : ""}`;
    this.#timed.set(present, { name, array: spec, perNeuron });
    return symbol(present);
  }

  #draw(kind: "rand" | "randn", call: Syntax): Expression {
    let draw = this.#draws.get(call);
    if (draw === undefined) {
      draw = { symbol: `draw__${this.#draws.size}`, kind: kind === "rand" ? "uniform" : "normal" };
      this.#draws.set(call, draw);
    }
    return symbol(draw.symbol);
  }
}
