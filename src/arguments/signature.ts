import { SpikevineError } from "../errors.js";
import type { Kind } from "./kind.js";

/** Refuses values that are not of the kinds of a function's arguments; `where` begins the message in place of the name. */
export type Check = (values: readonly unknown[], where?: string) => void;

/**
 * The arguments of a public function, in order, and the check of a call.
 *
 *     const check = signature("subset", { dataset: DATASET, count: whole(1) });
 *     export function subset(dataset: Dataset, count: number): Dataset {
 *       check([dataset, count]);
 *
 * @throws SpikevineError in a call, with the first argument or field that is unknown, missing or of a wrong kind.
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
