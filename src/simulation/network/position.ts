import {
  DIMENSIONLESS,
  type Dimension,
  describeDimension,
  isDimensionless,
  parseQuantity,
  parseUnit,
} from "../../equations/language/units.js";
import type { RowKey } from "../../random/counter.js";
import type { QuantityLike } from "../distributions.js";
import type { ValueOrDistribution } from "../values.js";
import { compileElements, isExpression, type Variable, type Variables } from "./element-expression.js";
import { readNeuronValues } from "./neuron-values.js";

interface Reading {
  readonly where: string;
  readonly size: number;
  readonly variables: Variables;
  readonly key: RowKey;
}

/** Values of any unit that expressions use and no equation does, such as the place of a neuron. */
export function readPosition(values: ValueOrDistribution, reading: Reading): Variable {
  const dimension = dimensionOfValues(values, reading);
  const unit = isDimensionless(dimension) ? undefined : describeDimension(dimension);
  return { dimension, values: readNeuronValues(values, { ...reading, unit }), per: "column" };
}

/** The dimension of the first quantity in the values. */
function dimensionOfValues(values: ValueOrDistribution, { where, variables }: Reading): Dimension {
  if (isExpression(values, variables)) return compileElements(values, variables, undefined, where).dimension;
  const of = (given: QuantityLike): Dimension => parseQuantity(given, where).dimension;
  if (typeof values !== "object") return of(values);
  if ("unit" in values) return values.unit === "" ? DIMENSIONLESS : parseUnit(values.unit, where).dimension;
  if (!("kind" in values)) return values.length === 0 ? DIMENSIONLESS : of(values[0]!);
  switch (values.kind) {
    case "uniform":
      return of(values.low);
    case "lognormal":
      return of(values.median);
    case "gamma":
      return of(values.scale);
    default:
      return of(values.mean);
  }
}
