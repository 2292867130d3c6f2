import type { DeviceArray, Shape } from "../program/arrays.js";
import type { KernelSet } from "../program/kernel-cache.js";

/** Arrays that one kernel stacks: with its output, fewer than the smallest limit on bound buffers. */
const ARITY = 4;

/**
 * Stacks one layer of each of several arrays, or all their layers, in groups: layers first, then groups of groups. The result
 * has the given shape.
 */
export function makeStack(
  kernels: KernelSet,
  [width, rows, count]: Shape,
  layer?: number,
): (arrays: readonly DeviceArray[]) => Promise<DeviceArray> {
  const combine = async (arrays: readonly DeviceArray[], layer: string | undefined): Promise<DeviceArray> => {
    if (arrays.length === 1 && layer === undefined) return arrays[0]!;
    const groups: DeviceArray[] = [];
    for (let first = 0; first < arrays.length; first += ARITY) {
      const group = arrays.slice(first, first + ARITY);
      const heights = group.map(({ shape }) => (layer === undefined ? shape[2] : 1));
      const launch = kernels.make({
        name: `stack ${count}`,
        arguments: group.map((_, index) => `part${index}`),
        body: stackBody(heights, layer),
        output: [width, rows, heights.reduce((sum, height) => sum + height, 0)],
      });
      groups.push(await launch(...group));
    }
    return combine(groups, undefined);
  };
  return (arrays) => combine(arrays, layer === undefined ? undefined : String(layer));
}

/** Every read stays inside its array, for a backend that evaluates both branches of a condition. */
function stackBody(heights: readonly number[], layer: string | undefined): string {
  const lines = ["let value = 0;"];
  let from = 0;
  for (const [index, height] of heights.entries()) {
    const here = `z >= ${from} && z < ${from + height}`;
    if (layer === undefined) lines.push(`const layer${index} = ${here} ? z - ${from} : 0;`);
    lines.push(`if (${here}) { value = part${index}[${layer ?? `layer${index}`}][b][n]; }`);
    from += height;
  }
  return [...lines, "return value;"].join("\n");
}
