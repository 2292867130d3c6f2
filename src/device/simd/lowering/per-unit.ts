import type { KernelContext } from "../kernels/codegen/kernel-context.js";
import { withRepeated } from "../kernels/tensors/repeated.js";
import { region, type TaskList, tensor } from "./task-list.js";
import type { Resource } from "./tasks.js";

/** Tensors of one value per layer, channel or unit that a kernel reads, and the context in which it finds them. */
export function perUnit(
  list: TaskList,
  tensors: readonly string[],
  width: number,
): { readonly reads: readonly Resource[]; within(context: KernelContext): KernelContext } {
  const copies = tensors.flatMap((name) => {
    const copy = list.repeated(name, width);
    return copy === undefined ? [] : [[name, { region: copy, width }] as const];
  });
  const repeated = new Map(copies);
  return {
    reads: tensors.map((name) => (repeated.has(name) ? region(repeated.get(name)!.region) : tensor(name))),
    within: (context) => (copies.length === 0 ? context : withRepeated(context, repeated)),
  };
}
