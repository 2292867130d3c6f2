import type { WeightGradient } from "../../contract.js";
import { sumOverSteps } from "../kernels/tensors/reductions.js";
import { signal, type TaskList } from "./task-list.js";

/** The error that belongs to a presynaptic signal; for a static input, which is multiplied once, its sum over steps. */
export function errorForRows(
  list: TaskList,
  { from, error, delayed }: Pick<WeightGradient, "from" | "error" | "delayed">,
): string {
  if (list.shape(from).rows > 1 || list.shape(error).rows === 1) return error;
  const first = delayed ? 1 : 0;
  return list.derive(`${error} from ${first}`, signal(error), () => {
    const to = list.addValues(`${error} from ${first}`, list.shape(error).width);
    list.sample("sumOverSteps", { reads: [signal(error)], writes: [signal(to)] }, (context, name) =>
      sumOverSteps(context, name, { from: error, to, first }),
    );
  });
}
