import { SpikevineError } from "../errors.js";
import type { Kind } from "./kind.js";

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
      const fault = kind.fault(values[i], kind.root === undefined ? parameter : "");
      if (fault !== undefined) throw new SpikevineError(`${where}: ${fault}`);
    });
  };
}
