import { SpikevineError } from "../../errors.js";
import { derivative } from "../analysis/differentiate.js";
import { constant, type Expression, type NamedSymbol, substitute, symbol, ZERO } from "../language/expression.js";
import { add, divide, multiply, subtract } from "../language/formal.js";
import type { NoiseProblem, SystemIntegrator, SystemProblem } from "./system.js";

/** Coefficient of each noise in each rate: `amplitudes.get(x).get(xi)`. */
type Amplitudes = ReadonlyMap<NamedSymbol, ReadonlyMap<string, Expression>>;

export function amplitudesOf(rates: SystemProblem["rates"], { names }: NoiseProblem): Amplitudes {
  return new Map(
    [...rates].map(([x, rate]) => [x, new Map(names.map((name) => [name, derivative(rate, symbol(name))]))]),
  );
}

/** sum of g(j, xi) d g(i, xi) / dx(j) for one noise: the term in which the two integrals differ, times 2. */
function correction(amplitudes: Amplitudes, x: NamedSymbol, noise: string): Expression {
  const own = amplitudes.get(x)!.get(noise)!;
  return [...amplitudes].reduce<Expression>(
    (sum, [by, noises]) => add(sum, multiply(noises.get(noise)!, derivative(own, by))),
    ZERO,
  );
}

/** True if the integrals of Ito and of Stratonovich are the same. */
export function isAdditive(rates: SystemProblem["rates"], noise: NoiseProblem): boolean {
  const amplitudes = amplitudesOf(rates, noise);
  return [...rates.keys()].every((x) => noise.names.every((name) => correction(amplitudes, x, name) === ZERO));
}

/**
 * x + f dt + g dW, forward Euler with white noise. With multiplicative noise it converges to the integral of Ito, at
 * order 0.5; with additive noise at order 1.
 * Source: G. Maruyama, Rendiconti del Circolo Matematico di Palermo 4 (1955) 48-90.
 */
export const eulerMaruyama: SystemIntegrator = {
  name: "eulerMaruyama",
  summary: "x + f dt + g dW",
  source: "G. Maruyama, Rend. Circ. Mat. Palermo 4 (1955) 48-90",
  order: 1,
  noise: ["ito"],
  system: ({ rates, dt }) => new Map([...rates].map(([x, rate]) => [x, add(x, multiply(rate, dt))])),
};

/**
 * The mean of the slopes at the start and at the end that Euler-Maruyama predicts: order 2 without noise. With noise it
 * converges to the integral of Stratonovich, at order 1 if the noise is additive or commutes.
 * Source: W. Ruemelin, SIAM Journal on Numerical Analysis 19 (1982) 604-613.
 */
export const heun: SystemIntegrator = {
  name: "heun",
  summary: "x + (f(x) + f(p)) dt / 2 + (g(x) + g(p)) dW / 2, p = x + f dt + g dW",
  source: "W. Ruemelin, SIAM J. Numer. Anal. 19 (1982) 604-613",
  order: 2,
  movesTime: true,
  noise: ["stratonovich"],
  system({ rates, dt }) {
    const predicted = new Map<Expression, Expression>([...rates].map(([x, rate]) => [x, add(x, multiply(rate, dt))]));
    return new Map(
      [...rates].map(([x, rate]) => {
        const sum = add(rate, substitute(rate, predicted));
        return [x, add(x, multiply(sum, divide(dt, constant(2))))];
      }),
    );
  },
};

/**
 * Euler-Maruyama with the next term of the expansion, g g' (dW^2 - dt) / 2 for the integral of Ito and g g' dW^2 / 2 for
 * that of Stratonovich: order 1. A noise must not act through a state that another noise drives.
 * Source: G. Milstein, Theory of Probability and its Applications 19 (1974) 557-562.
 */
export const milstein: SystemIntegrator = {
  name: "milstein",
  summary: "x + f dt + g dW + g g' (dW^2 - dt) / 2; without the dt in the integral of Stratonovich",
  source: "G. Milstein, Theory Probab. Appl. 19 (1974) 557-562",
  order: 1,
  noise: ["ito", "stratonovich"],
  system({ rates, dt, where, noise }) {
    const euler = eulerMaruyama.system({ rates, dt, where });
    if (noise === undefined) return euler;
    const amplitudes = amplitudesOf(rates, noise);
    requireDiagonal(amplitudes, where);
    return new Map(
      [...euler].map(([x, value]) => {
        const terms = noise.names.map((name) => {
          const increment = multiply(symbol(name), dt);
          const square = multiply(increment, increment);
          const by = noise.calculus === "ito" ? subtract(square, dt) : square;
          return multiply(multiply(constant(0.5), correction(amplitudes, x, name)), by);
        });
        return [x, terms.reduce(add, value)];
      }),
    );
  },
};

function requireDiagonal(amplitudes: Amplitudes, where: string): void {
  for (const [x, own] of amplitudes) {
    for (const [name, amplitude] of own) {
      for (const [by, others] of amplitudes) {
        if (derivative(amplitude, by) === ZERO) continue;
        const other = [...others].find(([noise, drives]) => noise !== name && drives !== ZERO)?.[0];
        if (other === undefined) continue;
        throw new SpikevineError(
          `${where}: the factor of ${name} in d${x.name}/dt depends on "${by.name}", which ${other} drives, and milstein needs integrals of both; use the integrator heun.`,
        );
      }
    }
  }
}
