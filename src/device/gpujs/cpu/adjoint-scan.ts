import type { AdjointScan } from "../../contract.js";
import { adjointArrays, compileFactor, injectionOf } from "../operations/adjoint-common.js";
import { makeRowsTimesMatrix } from "../operations/products.js";
import type { DeviceArray, Shape } from "../program/arrays.js";
import type { CompileContext, Step } from "../program/compile-context.js";
import { AdjointText } from "../source/adjoint-source.js";
import { returnByLayer } from "../source/emit.js";
import { NeuronText } from "../source/neuron-source.js";

/**
 * The adjoint scan where the work is a CPU's: one launch a step, from the last. Its layers are what is handed back, the
 * sums for trained parameters included, then the error at the current.
 */
export function compileStepAdjointScan(operation: AdjointScan, context: CompileContext): Step {
  const { batch, kernels } = context;
  const { recurrent, truncate = Number.POSITIVE_INFINITY, to } = operation;
  const units = context.signal(to).width;
  const text = new NeuronText(operation, context, units);
  const adjoint = new AdjointText(operation, text, context);
  const errorLayer = adjoint.handed.length;
  const packed: Shape = [units, batch, errorLayer + 1];
  const scale = compileFactor(operation, context, units);
  const isCut = (step: number): boolean => step % truncate === 0;
  const hear =
    recurrent === undefined
      ? undefined
      : makeRowsTimesMatrix(
          context,
          { tensor: recurrent, direction: "backward" },
          `recurrent error of ${to}`,
          1,
          false,
        );
  const launches = Array.from({ length: context.steps }, (_, step) =>
    kernels.make({
      name: `adjoint step of ${to}`,
      arguments: ["recurrentError", ...adjoint.loneArguments],
      body: `
${adjoint.declare()}
${adjoint.lone({
  isFirst: step === 0,
  injection: injectionOf(operation, { first: step, steps: 1 }, context),
  isCut: isCut(step),
  recurrentError: recurrent === undefined ? undefined : "recurrentError[0][b][n]",
})}
${returnByLayer([...adjoint.handed, "out"])}`,
      output: packed,
    }),
  );
  const errorSteps = context.signal(operation.error).rows === "steps";

  return async (memory) => {
    const { parameters, mask, error, stored } = await adjointArrays(operation, text, memory);
    const by = recurrent === undefined ? undefined : await memory.tensor(recurrent);
    const silence = await memory.zeros([units, batch, 1]);
    let recurrentError = silence;
    let handed = await memory.zeros(packed);
    let now = stored.map((arrays) => memory.layer(arrays.at(-1)!, context.chunks.at(-1)!.steps - 1));
    const results: DeviceArray[] = [];
    for (let c = context.chunks.length - 1; c >= 0; c--) {
      const { first, steps } = context.chunks[c]!;
      const packs: DeviceArray[] = [];
      for (let t = steps - 1; t >= 0; t--) {
        const step = first + t;
        const before =
          step === 0
            ? now
            : stored.map((arrays) =>
                t > 0
                  ? memory.layer(arrays[c]!, t - 1)
                  : memory.layer(arrays[c - 1]!, context.chunks[c - 1]!.steps - 1),
              );
        const outside = memory.layer(error[c] ?? error[0]!, errorSteps ? t : 0);
        handed = await launches[step]!(recurrentError, ...now, ...before, outside, handed, mask, ...parameters);
        packs[t] = handed;
        now = before;
        if (hear !== undefined && step > 0) {
          recurrentError = isCut(step) ? silence : await hear(memory.layer(handed, errorLayer), by!);
        }
      }
      results[c] = memory.stack(packs, errorLayer);
    }
    memory.writeSignal(to, await scale(memory, results));
    for (const [index, signal] of Object.values(operation.parameterErrors).entries()) {
      memory.writeSignal(signal, [memory.stack([handed], text.states + 1 + index)]);
    }
  };
}
