import type { Draw } from "../../equations/kernels/kernels.js";
import { constant, type Expression, operation, select, symbol } from "../../equations/language/expression.js";
import { add, multiply } from "../../equations/language/formal.js";
import type { NoiseModel } from "../model.js";

/** Below this, a fine draw has bits of its own. */
const FINE = constant(2 ** -12);

/**
 * The number that a draw of the equations means, over uniform numbers of the executor.
 * @param counters Key of the draw: every draw of a simulation has another.
 */
export function drawnNumber(
  draw: Draw,
  counters: readonly number[],
): { readonly value: Expression; readonly noise: readonly NoiseModel[] } {
  const uniform = (part: number, fine?: "plain"): NoiseModel => ({
    symbol: `${draw.symbol}__${part}`,
    counters: [...counters, part],
    ...(fine === undefined ? {} : { fine }),
    ...(draw.shared === true ? { shared: true } : {}),
  });
  if (draw.kind === "uniform") {
    const u = uniform(0, "plain");
    return { value: symbol(u.symbol), noise: [u] };
  }
  const [u, turn] = [uniform(0, "plain"), uniform(1)];
  return { value: normal(symbol(u.symbol), symbol(turn.symbol)), noise: [u, turn] };
}

/**
 * A normal number from two uniform ones: sqrt(-2 log u) cos(2 pi turn). The bits of a small u reach to 8.8 standard
 * deviations. A larger u stands for an interval of 2^-24 and counts as its middle, so that the variance is 1.
 * Source: G. Box and M. Muller, Annals of Mathematical Statistics 29 (1958) 610-611.
 */
function normal(u: Expression, turn: Expression): Expression {
  const middle = select(
    operation("less", u, FINE),
    operation("max", u, constant(2 ** -57)),
    add(u, constant(2 ** -25)),
  );
  const radius = operation("sqrt", multiply(constant(-2), operation("log", middle)));
  return multiply(radius, operation("cos", multiply(constant(2 * Math.PI), turn)));
}
