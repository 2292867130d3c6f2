import type { AdjointScan } from "../../contract.js";
import { adjointArrays, compileFactor, errorsOfChunk, positionOf } from "../operations/adjoint-common.js";
import { makeRowsTimesMatrix } from "../operations/products.js";
import type { DeviceArray, Shape } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import { AdjointSource } from "../source/adjoint-source.js";
import { returnByLayer } from "../source/emit.js";
import { NeuronSource } from "../source/neuron-source.js";

/**
 * The adjoint scan on a CPU: one launch per step, from the last step. Its layers are the propagated errors, then the
 * sums for trained parameters, then the error at the current.
 */
export function compileStepAdjointScan(operation: AdjointScan, context: CompileContext): CompiledOperation {
  const { batch, kernels } = context;
  const { recurrent, truncate = Number.POSITIVE_INFINITY, to } = operation;
  const units = context.signal(to).width;
  const text = new NeuronSource(operation, context, units);
  const adjoint = new AdjointSource(operation, text, context);
  const errorLayer = adjoint.propagated.length;
  const packed: Shape = [units, batch, errorLayer + 1];
  const scale = compileFactor(operation, context, units);
  const isCut = (step: number): boolean => step % truncate === 0;
  const recurrentProduct =
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
      arguments: ["recurrentError", ...adjoint.singleStepArguments],
      body: `
${adjoint.declare()}
${adjoint.singleStep({
  isFirst: step === 0,
  position: positionOf({ first: step, steps: 1 }, context),
  isCut: isCut(step),
  recurrentError: recurrent === undefined ? undefined : "recurrentError[0][b][n]",
})}
${returnByLayer([...adjoint.propagated, "out"])}`,
      output: packed,
    }),
  );
  const hasSteps = operation.errors.map(({ signal }) => context.signal(signal).rows === "steps");

  return async (memory) => {
    const { parameters, mask, errors, stored } = await adjointArrays(operation, text, memory);
    const by = recurrent === undefined ? undefined : await memory.tensor(recurrent);
    const noError = await memory.zeros([units, batch, 1]);
    let recurrentError = noError;
    let propagated = await memory.zeros(packed);
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
        const outside = errorsOfChunk(errors, c).map((array, index) => memory.layer(array, hasSteps[index] ? t : 0));
        propagated = await launches[step]!(
          recurrentError,
          ...now,
          ...before,
          ...outside,
          propagated,
          mask,
          ...parameters,
        );
        packs[t] = propagated;
        now = before;
        if (recurrentProduct !== undefined && step > 0) {
          recurrentError = isCut(step) ? noError : await recurrentProduct(memory.layer(propagated, errorLayer), by!);
        }
      }
      results[c] = memory.stack(packs, errorLayer);
    }
    memory.writeSignal(to, await scale(memory, results));
    for (const [index, signal] of Object.values(operation.parameterErrors).entries()) {
      memory.writeSignal(signal, [memory.stack([propagated], text.states + 1 + index)]);
    }
  };
}
