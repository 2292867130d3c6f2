import { SpikevineError } from "./errors.js";

/**
 * Loads a module that needs Node, so that the modules that call it load in a browser too.
 * @param caller the public function, for the message
 * @throws SpikevineError where there is no Node
 */
export async function inNode<T>(caller: string, load: () => Promise<T>): Promise<T> {
  if (isNode) return load();
  throw new SpikevineError(`${caller}: it uses files, which need Node; in a browser work on the data in memory.`);
}

/** Whether this process is Node, not a browser. */
export const isNode = typeof process !== "undefined" && process.versions?.node !== undefined;
