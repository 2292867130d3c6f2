import type { DropoutMask, Encode, Loss } from "../../contract.js";
import { dropoutMaskOnHost, encodeOnHost, lossOnHost } from "../../host/index.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";

/**
 * Operations that run on the host. Kernels cannot draw our random numbers, whose integers need 32 bits while gpu.js is
 * exact to 24. A loss is a few numbers per sample.
 */
export function compileEncode(operation: Encode, context: CompileContext): CompiledOperation {
  const { from, to, stream, encoder, before } = operation;
  const encode = encodeOnHost(encoder);
  const { width, rows } = context.signal(from);
  const inTime = rows === "steps";
  const { steps } = context;
  return async (memory) => {
    const { run } = memory;
    const encoded = new Float32Array(run.samples * (encoder.static && !inTime ? 1 : steps) * width);
    const valuesBefore = before === undefined ? undefined : await memory.host(before);
    encode({ ...run, steps, inTime, width, stream }, await memory.host(from), encoded, valuesBefore);
    memory.writeHost(to, encoded);
  };
}

export function compileDropoutMask(operation: DropoutMask, context: CompileContext): CompiledOperation {
  const { width } = context.signal(operation.to);
  return async (memory) => {
    const { run } = memory;
    const mask = new Float32Array(run.samples * width);
    dropoutMaskOnHost(operation, { ...run, width }, mask);
    memory.writeHost(operation.to, mask);
  };
}

export function compileLoss(operation: Loss, context: CompileContext): CompiledOperation {
  const { width: outputs, rows } = context.signal(operation.from);
  const { steps } = context;
  const loss = lossOnHost(operation, { outputs, steps });
  return async (memory) => {
    const { samples } = memory.run;
    const from = await memory.host(operation.from);
    const target = operation.target === undefined ? undefined : await memory.host(operation.target);
    const gradient = new Float32Array(samples * (rows === "steps" ? steps : 1) * outputs);
    const value = new Float32Array(samples);
    loss(samples, { from, target, gradient, value });
    memory.writeHost(operation.gradient, gradient);
    memory.writeHost(operation.value, value);
  };
}
