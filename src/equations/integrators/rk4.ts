import { constant, type Expression, type NamedSymbol, substitute } from "../language/expression.js";
import { add, divide, multiply } from "../language/formal.js";
import type { SystemIntegrator } from "./system.js";

/**
 * The classical Runge-Kutta scheme of order 4 for all equations together: four evaluations of the rates per step. Inputs
 * are constant during the step, so the order applies to the equations without changing inputs.
 * Source: W. Kutta, Zeitschrift für Mathematik und Physik 46 (1901) 435-453.
 */
export const rk4: SystemIntegrator = {
  name: "rk4",
  summary: "x + dt (k1 + 2 k2 + 2 k3 + k4) / 6",
  source: "W. Kutta, Z. Math. Phys. 46 (1901) 435-453",
  order: 4,
  movesTime: true,
  system({ rates, dt }) {
    const states = [...rates.keys()];
    const ratesAt = (values: ReadonlyMap<Expression, Expression>) =>
      new Map(states.map((x): [NamedSymbol, Expression] => [x, substitute(rates.get(x)!, values)]));
    const ahead = (slopes: ReadonlyMap<NamedSymbol, Expression>, time: Expression) =>
      new Map(states.map((x): [Expression, Expression] => [x, add(x, multiply(time, slopes.get(x)!))]));
    const half = divide(dt, constant(2));
    const k1 = ratesAt(new Map());
    const k2 = ratesAt(ahead(k1, half));
    const k3 = ratesAt(ahead(k2, half));
    const k4 = ratesAt(ahead(k3, dt));
    return new Map(
      states.map((x) => {
        const middle = multiply(constant(2), add(k2.get(x)!, k3.get(x)!));
        const sum = add(add(k1.get(x)!, middle), k4.get(x)!);
        return [x, add(x, multiply(divide(dt, constant(6)), sum))];
      }),
    );
  },
};
