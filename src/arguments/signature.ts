import { SpikevineError } from "../errors.js";
import { type Kind, wrong } from "./kind.js";

/**
 * Refuses values that are not of the kinds of a function's arguments. Messages begin with `where`, or with the function's name.
 */
export type Check = (values: readonly unknown[], where?: string) => void;

/**
 * Creates the check of a public function's arguments from their kinds, in order.
 *
 *     const check = signature("subset", { dataset: DATASET, count: whole(1) });
 *     export function subset(dataset: Dataset, count: number): Dataset {
 *       check([dataset, count]);
 *
 * @throws SpikevineError in a call, naming the first argument or field that is unknown, missing or of a wrong kind.
 */
export function signature(name: string, parameters: Readonly<Record<string, Kind>>): Check {
  const kinds = Object.entries(parameters);
  return (values, where = name) => {
    kinds.forEach(([parameter, kind], i) => {
      const fault = faultOf(kind, values[i], parameter);
      if (fault !== undefined) throw new SpikevineError(`${where}: ${fault}`);
    });
  };
}

/** The fault of an argument. An argument whose fields are named without a path has its own name where it is something else. */
function faultOf(kind: Kind, value: unknown, parameter: string): string | undefined {
  if (kind.root === undefined) return kind.fault(value, parameter);
  const isOther = kind.claims?.(value) === false && !(kind.optional && value === undefined);
  return isOther ? wrong(kind.root, value, kind.expects) : kind.fault(value, "");
}
