import type { MathNode, OperatorNode } from "mathjs";
import { SpikevineError } from "../../errors.js";

/** Operators that accept a `not` as an operand, as in Python. */
const LOGIC: ReadonlySet<string> = new Set(["and", "or", "not"]);

/**
 * mathjs lets `not` bind like a sign: it reads `not a > 1` as `(not a) > 1`. Here it binds as in Python, below
 * comparisons. A `not` that is the first operand of another operator therefore applies to the whole of that operation.
 * @throws SpikevineError for a `not` that is another operand, as in `1 + not a`, which Python refuses too; `1 + not (a)` is
 * unambiguous.
 */
export function placeNots(node: MathNode, where: string): MathNode {
  return place(
    node.map((child) => placeNots(child, where)),
    where,
  );
}

/** Places a `not` among the operands; everything below them is already in place. */
function place(node: MathNode, where: string): MathNode {
  if (!isOperator(node) || LOGIC.has(node.fn)) return node;
  const [first, last] = [node.args[0]!, node.args.at(-1)!];
  if (isNot(last) && last.args[0]!.type !== "ParenthesisNode") {
    throw new SpikevineError(
      `${where}: "${last.toString()}" follows "${node.op}", which does not accept a "not"; put it in parentheses.`,
    );
  }
  if (node.args.length === 1 || !isNot(first)) return node;
  node.args[0] = first.args[0]!;
  first.args[0] = place(node, where);
  return first;
}

const isOperator = (node: MathNode): node is OperatorNode => node.type === "OperatorNode";
const isNot = (node: MathNode): node is OperatorNode => isOperator(node) && node.fn === "not";
