import type { AdjointScan } from "../../contract.js";
import type { DeviceArray } from "../program/arrays.js";
import type { Chunk } from "../program/chunks.js";
import type { CompileContext } from "../program/compile-context.js";
import type { Launch } from "../program/kernel-cache.js";
import type { ProcedureMemory } from "../program/memory.js";
import type { AdjointSource, ChunkPosition } from "../source/adjoint-source.js";
import { returnByLayer } from "../source/emit.js";
import type { NeuronSource } from "../source/neuron-source.js";
import { compileUnitRow } from "./rows.js";

/** Arrays that every chunk of an adjoint scan reads. */
export async function adjointArrays(
  operation: AdjointScan,
  text: NeuronSource,
  memory: ProcedureMemory,
): Promise<{
  readonly parameters: readonly DeviceArray[];
  readonly mask: DeviceArray | number;
  /** Chunks of each error, or its only array if it has one row per sample. */
  readonly errors: readonly (readonly DeviceArray[])[];
  /** Chunks of each stored value that the adjoint needs. */
  readonly stored: readonly (readonly DeviceArray[])[];
}> {
  return {
    parameters: await text.parameterArrays(memory),
    mask: operation.mask === undefined ? 0 : (await memory.signal(operation.mask))[0]!,
    errors: await Promise.all(operation.errors.map(({ signal }) => memory.signal(signal))),
    stored: await Promise.all(operation.neuron.adjointNeeds.map((name) => memory.signal(operation.stored[name]!))),
  };
}

export const positionOf = ({ first, steps }: Chunk, context: CompileContext): ChunkPosition =>
  first + steps === context.steps ? "ends the run" : "before the end";

/** The arrays of each error for chunk c. */
export const errorsOfChunk = (errors: readonly (readonly DeviceArray[])[], c: number): DeviceArray[] =>
  errors.map((arrays) => arrays[c] ?? arrays[0]!);

/**
 * Kernels for the starting values of chunk c, packed: the carry of the last step of the chunk before. The first chunk
 * starts from the initial values, which its own kernels contain.
 */
export function compileStarts(
  { neuron }: AdjointScan,
  text: NeuronSource,
  { began, storedArguments }: AdjointSource,
  context: CompileContext,
  units: number,
): (
  c: number,
  stored: readonly (readonly DeviceArray[])[],
  parameters: readonly DeviceArray[],
) => Promise<DeviceArray | number> {
  const before = Object.fromEntries(neuron.adjointNeeds.map((name, index) => [name, `before${index}`]));
  const { statements, results } = text.emit(neuron.carry, began, before, "c");
  const starts = context.chunks.map(({ steps }) =>
    context.kernels.make({
      name: `start of a chunk of ${neuron.name}`,
      arguments: [...storedArguments, ...text.parameterArguments],
      body: `
${text.declareParameters}
${storedArguments.map((stored, index) => `const before${index} = ${stored}[${steps - 1}][b][n];`).join("\n")}
${statements}
${returnByLayer(text.startNames.map((name) => results[name] ?? "0"))}`,
      output: [units, context.batch, text.states + 1],
    }),
  );
  return async (c, stored, parameters) => {
    if (c === 0 || began.length === 0) return 0;
    return starts[c - 1]!(...stored.map((arrays) => arrays[c - 1]!), ...parameters);
  };
}

/** Multiplies the finished errors by the factor of each unit, if there is one. */
export function compileFactor(
  { to, factor }: AdjointScan,
  context: CompileContext,
  units: number,
): (memory: ProcedureMemory, errors: readonly DeviceArray[]) => Promise<readonly DeviceArray[]> {
  if (factor === undefined) return async (_, errors) => errors;
  const row = compileUnitRow(context, factor, units);
  const launches = context.chunks.map(({ steps }) =>
    context.kernels.make({
      name: `factor ${to}`,
      arguments: ["errors", "factor"],
      body: "return errors[z][b][n] * factor[0][0][n];",
      output: [units, context.batch, steps],
    }),
  );
  return async (memory, errors) => {
    const factors = await row(memory);
    return Promise.all(errors.map((array, c) => launches[c]!(array, factors)));
  };
}

/** Extracts the sums for trained parameters from their layers. */
export function compileSlices(
  { parameterErrors }: AdjointScan,
  context: CompileContext,
  units: number,
  firstLayer: number,
): { readonly signal: string; readonly slice: Launch }[] {
  return Object.values(parameterErrors).map((signal, index) => ({
    signal,
    slice: context.kernels.make({
      name: `slice ${signal}`,
      arguments: ["packed"],
      body: `return packed[${firstLayer + index}][b][n];`,
      output: [units, context.batch, 1],
    }),
  }));
}
