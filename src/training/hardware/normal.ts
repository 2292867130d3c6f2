import type { Expression } from "../../equations/language/expression.js";
import { parseEquation } from "../../equations/language/parse.js";

/** Coefficients of erfinv(p) / p in w - 2.5, for w = -log(1 - p^2) below 5, highest power first. */
const MIDDLE = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];
/** Coefficients in sqrt(w) - 3, for w of at least 5. */
const TAIL = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
];

/** Largest value of p, so that the quantile is finite (within +-5.3). */
const NEAREST = 1 - 2 ** -23;

const horner = (x: string, coefficients: readonly number[]): string =>
  coefficients.slice(1).reduce((sum, c) => `(${sum}) * ${x} + (${c})`, `${coefficients[0]}`);

/**
 * Standard normal quantile of a uniform number in [0, 1): sqrt(2) erfinv(2u - 1). Source: M. Giles, Approximating the
 * erfinv function, GPU Computing Gems (2012), single precision.
 */
export function normalQuantile(u: Expression): Expression {
  const names = new Map([["u", u]]);
  const define = (name: string, text: string): void => {
    names.set(name, parseEquation(text, names, "normal quantile"));
  };
  define("p", `clip(2 * u - 1, ${-NEAREST}, ${NEAREST})`);
  define("w", "-log((1 - p) * (1 + p))");
  define("x", "w - 2.5");
  define("z", "sqrt(w) - 3");
  return parseEquation(
    `${Math.SQRT2} * p * (w < 5 ? ${horner("x", MIDDLE)} : ${horner("z", TAIL)})`,
    names,
    "normal quantile",
  );
}
