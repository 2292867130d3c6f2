import fc from "fast-check";
import { defineEncoder } from "#spikevine/src/equations/definitions/encoder";
import type { ConformanceCase } from "./case.js";
import type { Observation } from "./observe.js";
import { Sketch } from "./sketch.js";

const UNARY = "exp log sqrt sin cos tanh atan sigmoid relu abs sign floor".split(" ");
const COMPARISONS = ["<", "<=", "==", ">", ">="];

/** Equations of every function and operator, over a pixel, its value before, the step and a random number. */
const equation = fc.letrec<{ value: string; condition: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom("x", "x", "x_before", "t", "u", "gain", "(dt / period)", "0.5", "0", "3", "1e6", "0.3"),
    fc.tuple(fc.constantFrom(...UNARY), tie("value")).map(([name, a]) => `${name}(${a})`),
    tie("value").map((a) => `(-${a})`),
    fc
      .tuple(tie("value"), fc.constantFrom("+", "-", "*", "/", "^"), tie("value"))
      .map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc.tuple(fc.constantFrom("min", "max"), tie("value"), tie("value")).map(([name, a, b]) => `${name}(${a}, ${b})`),
    fc.tuple(tie("condition"), tie("value"), tie("value")).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
    fc.tuple(tie("condition"), tie("value")).map(([c, a]) => `((${c}) * ${a})`),
  ),
  condition: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    fc.tuple(tie("value"), fc.constantFrom(...COMPARISONS), tie("value")).map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc.tuple(tie("condition"), fc.constantFrom("and", "or"), tie("condition")).map(([a, o, b]) => `(${a} ${o} ${b})`),
    tie("condition").map((a) => `(not ${a})`),
  ),
}));

/** Output of encoders with random equations for pixels, including 0, small, large and negative ones. */
export const encodings: fc.Arbitrary<() => ConformanceCase> = fc
  .record({
    equations: fc.array(fc.tuple(fc.constantFrom("spike", "current"), equation.value), {
      minLength: 20,
      maxLength: 20,
    }),
    gain: fc.double({ min: -4, max: 4, noNaN: true }),
    pixels: fc.array(fc.oneof(fc.constantFrom(0, 1, 8192, -0.5), fc.float({ min: 0, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 21,
    }),
    firstStep: fc.constantFrom(0, 0, 1000, 2 ** 24 + 1),
    inTime: fc.boolean(),
  })
  .map(({ equations, gain, pixels, firstStep, inTime }) => {
    const make = (): ConformanceCase => {
      const parameters = { gain: { value: gain, summary: "a number" }, period: { value: "3 ms", summary: "a time" } };
      const sketch = new Sketch(1, 1, 5);
      for (const [output, text] of equations) {
        const spec = { name: "random", summary: "A random equation.", source: "test", parameters, [output]: text };
        sketch.encoded(`${output}: ${text}`, pixels.length, defineEncoder(spec).kernel({ dt: 1 }), 0, 1, inTime);
      }
      // In time, the pixels of a step are those of the step before, shifted by one place.
      const shifted = (by: number): number[] => pixels.map((_, i) => pixels[(i + by) % pixels.length]!);
      const given = equations.flatMap(([output, text]) => {
        const name = `${output}: ${text}`;
        if (!inTime) return [[`${name}.pixels`, Float32Array.from(pixels)]];
        return [
          [`${name}.pixels`, Float32Array.from([1, 2, 3, 4, 5].flatMap(shifted))],
          [`${name}.before`, Float32Array.from(pixels)],
        ];
      });
      return sketch.case("random equations", [{ firstStep, signals: Object.fromEntries(given) }]);
    };
    return Object.assign(make, { [fc.toStringMethod]: () => JSON.stringify({ gain, pixels, firstStep, inTime }) });
  });

const isSame = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** Positions at which the bits of a device differ from the reference. The sign of a 0 may depend on whether black pixels are skipped. */
export function otherBits(expected: Observation, observed: Observation): string[] {
  return [...expected.arrays].flatMap(([name, values]) => {
    const found = observed.arrays.get(name)!;
    const at = values.findIndex((value, i) => !isSame(Math.fround(value), found[i]!));
    return at < 0 ? [] : [`${name}[${at}] is ${found[at]}, not ${values[at]}`];
  });
}
