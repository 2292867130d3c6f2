import { emitStatements } from "../../equations/kernels/emit-javascript.js";
import type { LossAxis } from "../../equations/kernels/kernels.js";
import { type Expression, freeSymbols } from "../../equations/language/expression.js";
import { compileFormulas } from "./formulas.js";

export type LossArray = Float32Array | Float64Array;

/** Rows of one sample in an array: element (t, n) is at start + t * stride + n. */
export interface LossRows {
  readonly data: LossArray;
  readonly start: number;
  /** Distance of two steps. */
  readonly stride: number;
}

export interface LossSample {
  readonly y: LossRows;
  readonly target: LossRows | undefined;
  /** Receives dL/dy, if given. */
  readonly gradient?: LossRows;
}

/** Result of a reduction, one number per element of the axes that remain. */
export interface Reduced {
  readonly numbers: Float64Array;
  /** Distance of two elements along an axis; 0 if the numbers do not depend on it. */
  readonly strides: Readonly<Record<LossAxis, number>>;
}

/** The values of a formula for every element of its axes, `[steps, outputs]`, steps first. */
export interface Elements {
  readonly elements: Float64Array;
  readonly steps: number;
  readonly outputs: number;
  compute(sample: LossSample): void;
}

/** Sizes of the axes of a loss, and the results of its reductions by name. */
export interface LossMemory {
  readonly sizes: Readonly<Record<LossAxis, number>>;
  readonly values: Map<string, Reduced>;
}

/**
 * Compiles a formula for the elements of some axes. JavaScript is generated if the environment allows it; else every element
 * is computed by itself, with bit-identical results.
 */
export function compileElements(formula: Expression, axes: readonly LossAxis[], memory: LossMemory): Elements {
  const steps = axes.includes("steps") ? memory.sizes.steps : 1;
  const outputs = axes.includes("outputs") ? memory.sizes.outputs : 1;
  const elements = new Float64Array(steps * outputs);
  const shape = { elements, steps, outputs };
  try {
    return { ...shape, compute: generateElements(formula, shape, memory) };
  } catch (error) {
    if (error instanceof EvalError) return { ...shape, compute: interpretElements(formula, shape, memory) };
    throw error;
  }
}

type Shape = Omit<Elements, "compute">;

/** A loop over the elements. Operations that are the same for every element come before it. */
export function generateElements(formula: Expression, shape: Shape, { values }: LossMemory): Elements["compute"] {
  const { elements, steps, outputs } = shape;
  const names = freeSymbols([formula]);
  const arrays: Float64Array[] = [];
  const before: string[] = [];
  const within: string[] = [];
  const varying = new Set<string>();
  const vary = (name: string, code: string): void => {
    varying.add(name);
    within.push(`const ${name} = ${code};`);
  };
  for (const name of names) {
    const reduced = values.get(name);
    if (reduced !== undefined) {
      const { numbers, strides } = reduced;
      const array = `a${arrays.push(numbers) - 1}`;
      if (strides.steps + strides.outputs === 0) before.push(`const s_${name} = ${array}[0];`);
      else vary(`s_${name}`, `${array}[t * ${strides.steps} + n * ${strides.outputs}]`);
    } else if (name === "t" || name === "n") vary(`s_${name}`, name);
    else vary(`s_${name}`, `${name}[${name}Start + t * ${name}Stride + n]`);
  }
  const { statements, results } = emitStatements({ formula }, { symbol: (name) => `s_${name}` });
  for (const statement of statements) {
    const [, local, code] = /^const (\w+) = (.*)$/.exec(statement)!;
    const varies = code!.match(/\b[a-z]\w*/g)?.some((name) => varying.has(name));
    if (varies) varying.add(local!);
    (varies ? within : before).push(statement);
  }
  const unpack = (name: string): string =>
    names.includes(name)
      ? `const ${name} = ${name}Rows.data, ${name}Start = ${name}Rows.start, ${name}Stride = ${name}Rows.stride;`
      : "";
  const make = new Function(
    "elements",
    ...arrays.map((_, i) => `a${i}`),
    `return ({ y: yRows, target: targetRows }) => {
      ${unpack("y")}
      ${unpack("target")}
      ${before.join("\n")}
      for (let t = 0; t < ${steps}; t++) for (let n = 0; n < ${outputs}; n++) {
        ${within.join("\n")}
        elements[t * ${outputs} + n] = ${results.formula};
      }
    };`,
  );
  return make(elements, ...arrays) as Elements["compute"];
}

/** The same, formula by formula. */
export function interpretElements(formula: Expression, shape: Shape, { values }: LossMemory): Elements["compute"] {
  const { elements, steps, outputs } = shape;
  const names = freeSymbols([formula]);
  const compute = compileFormulas({ formula }, names, ["formula"], "double");
  const symbols = new Float64Array(names.length);
  const result = new Float64Array(1);
  const readers = names.map((name) => {
    const reduced = values.get(name);
    if (reduced !== undefined) {
      const { numbers, strides } = reduced;
      return (_: LossSample, t: number, n: number) => numbers[t * strides.steps + n * strides.outputs]!;
    }
    if (name === "t") return (_: LossSample, t: number) => t;
    if (name === "n") return (_: LossSample, _t: number, n: number) => n;
    return (sample: LossSample, t: number, n: number) => {
      const { data, start, stride } = sample[name as "y" | "target"]!;
      return data[start + t * stride + n]!;
    };
  });
  return (sample) => {
    for (let t = 0; t < steps; t++) {
      for (let n = 0; n < outputs; n++) {
        for (let i = 0; i < readers.length; i++) symbols[i] = readers[i]!(sample, t, n);
        compute(symbols, result);
        elements[t * outputs + n] = result[0]!;
      }
    }
  };
}
