import { pathToFileURL } from "node:url";
import { SpikevineError } from "../errors.js";

/**
 * Runs a TypeScript or JavaScript module, the user's own code, and returns its exports.
 * @param file absolute path
 * @param shown path for messages
 * @throws SpikevineError if the module fails.
 */
export async function runModule(file: string, shown = file): Promise<Readonly<Record<string, unknown>>> {
  // jiti turns TypeScript into JavaScript; it is loaded only where a file needs it.
  const { createJiti } = await import("jiti");
  try {
    // The cache of compiled files is off: its folder is shared by all users of the machine, so another user's code could run.
    // A file that was changed is run again in the same process.
    const jiti = createJiti(pathToFileURL(file).href, { interopDefault: false, fsCache: false, moduleCache: false });
    return await jiti.import<Readonly<Record<string, unknown>>>(file);
  } catch (error) {
    throw new SpikevineError(`experiment file "${shown}" could not be run: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
