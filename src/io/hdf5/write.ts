import { SpikevineError } from "../../errors.js";
import type { Hdf5Group } from "./contents.js";
import { withThread } from "./session.js";

export type { Hdf5Group, Hdf5Values } from "./contents.js";

/**
 * The bytes of an HDF5 file, in Node and in browsers; h5py reads them with every value equal.
 * @throws SpikevineError if a shape does not fit its values, a name is empty or has a slash, or h5wasm is not installed
 */
export async function serializeHdf5(root: Hdf5Group): Promise<Uint8Array> {
  checkGroup(root, []);
  return withThread({ name: "serializeHdf5", megabytes: sizeOf(root) / 2 ** 20 }, (call) => call("write", root));
}

/** Bytes of the numbers in a group. */
const sizeOf = ({ members }: Hdf5Group): number =>
  [...members.values()].reduce((sum, content) => {
    if ("members" in content) return sum + sizeOf(content);
    return sum + ("byteLength" in content.values ? content.values.byteLength : 0);
  }, 0);

function checkGroup({ members }: Hdf5Group, path: readonly string[]): void {
  for (const [name, content] of members) {
    const where = [...path, name].join("/");
    if (name === "" || name === "." || name.includes("/") || name.includes("\0")) {
      throw new SpikevineError(
        `serializeHdf5: ${JSON.stringify(where)} has a name that HDF5 does not allow; rename it.`,
      );
    }
    if ("members" in content) checkGroup(content, [...path, name]);
    else if (content.shape.reduce((product, size) => product * size, 1) !== content.values.length) {
      throw new SpikevineError(
        `serializeHdf5: ${where} has the shape [${content.shape.join(", ")}] but ${content.values.length} values; give sizes whose product is that.`,
      );
    }
  }
}
