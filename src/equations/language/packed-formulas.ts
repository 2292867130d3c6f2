import {
  constant,
  type Expression,
  type Formulas,
  lookup,
  type Operator,
  operation,
  schedule,
  symbol,
} from "./expression.js";
import { tableNumbered } from "./lookup-tables.js";

/** A constant, the name of a symbol, or an operation on earlier nodes. */
type Node =
  | number
  | string
  | readonly [Exclude<Operator, "lookup">, ...number[]]
  | readonly ["lookup", Float64Array, number];

/** Formulas in a form that can be sent to another thread, where equal expressions become one object again. */
export interface PackedFormulas {
  readonly nodes: readonly Node[];
  /** Node of each formula. */
  readonly results: Readonly<Record<string, number>>;
}

export function packFormulas(formulas: Formulas): PackedFormulas {
  const order = schedule(Object.values(formulas));
  const places = new Map(order.map((e, k) => [e, k]));
  const nodes = order.map((e): Node => {
    if (e.kind === "constant") return e.value;
    if (e.kind === "symbol") return e.name;
    const operands = e.operands.map((operand) => places.get(operand)!);
    if (e.operator !== "lookup") return [e.operator, ...operands];
    const [table] = e.operands;
    if (table?.kind !== "constant") throw new Error("a lookup has no number of a table");
    return ["lookup", tableNumbered(table.value), operands[1]!];
  });
  return {
    nodes,
    results: Object.fromEntries(Object.entries(formulas).map(([name, e]) => [name, places.get(e)!])),
  };
}

export function unpackFormulas({ nodes, results }: PackedFormulas): Formulas {
  const made: Expression[] = [];
  for (const node of nodes) made.push(unpackNode(node, made));
  return Object.fromEntries(Object.entries(results).map(([name, place]) => [name, made[place]!]));
}

function unpackNode(node: Node, made: readonly Expression[]): Expression {
  if (typeof node === "number") return constant(node);
  if (typeof node === "string") return symbol(node);
  if (node[0] === "lookup") return lookup(node[1] as Float64Array, made[node[2] as number]!);
  const [operator, ...operands] = node as readonly [Exclude<Operator, "lookup">, ...number[]];
  return operation(operator, ...operands.map((place) => made[place]!));
}
