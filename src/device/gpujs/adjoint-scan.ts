import type { AdjointScan } from "../contract.js";
import { AdjointText, type Entrance } from "./adjoint-text.js";
import type { DeviceArray, Shape } from "./arrays.js";
import type { Chunk } from "./chunks.js";
import { returnByLayer } from "./emit.js";
import type { Launch } from "./kernels.js";
import type { ProcedureMemory } from "./memory.js";
import { NeuronText } from "./neuron-text.js";
import { compileRecurrentAdjointScan } from "./recurrent-adjoint-scan.js";
import type { Step, Workshop } from "./workshop.js";

/**
 * The adjoint scan without recurrent connections, chunk by chunk from the last. Thread (n, b, z) replays the steps of
 * its chunk from the last down to z; what is handed to the chunk before, and the sums for trained parameters, are
 * one more kernel, packed in layers.
 */
export function compileAdjointScan(operation: AdjointScan, workshop: Workshop): Step {
  if (operation.recurrent !== undefined) return compileRecurrentAdjointScan(operation, workshop, operation.recurrent);
  const text = new NeuronText(operation.neuron, operation.parameters, workshop);
  const adjoint = new AdjointText(operation, text, workshop);
  const units = workshop.signal(operation.to).width;
  const starts = compileStarts(operation, text, adjoint, workshop, units);
  const chunks = workshop.chunks.map((chunk) => compileChunk(operation, text, adjoint, workshop, chunk));
  const handedShape: Shape = [units, workshop.batch, text.states + 1 + adjoint.trained.length];
  const slices = compileSlices(operation, workshop, units, text.states + 1);

  return async (memory) => {
    const { parameters, mask, factor, error, stored } = await adjointArrays(operation, text, memory);
    let handed = await memory.zeros(handedShape);
    const results: DeviceArray[] = [];
    for (let c = chunks.length - 1; c >= 0; c--) {
      const { errors, hand } = chunks[c]!;
      const now = stored.map((arrays) => arrays[c]!);
      const start = await starts(c, stored, parameters);
      const given = [...now, start, error[c] ?? error[0]!, handed, mask, factor, ...parameters];
      results[c] = await errors(...given);
      if (c > 0 || slices.length > 0) handed = await hand(...given);
    }
    memory.writeSignal(operation.to, results);
    for (const { signal, slice } of slices) memory.writeSignal(signal, [await slice(handed)]);
  };
}

/** What every chunk of an adjoint scan reads. */
export async function adjointArrays(
  operation: AdjointScan,
  text: NeuronText,
  memory: ProcedureMemory,
): Promise<{
  readonly parameters: readonly DeviceArray[];
  readonly mask: DeviceArray | number;
  readonly factor: DeviceArray | number;
  readonly error: readonly DeviceArray[];
  /** For each stored value that the adjoint needs, its chunks. */
  readonly stored: readonly (readonly DeviceArray[])[];
}> {
  return {
    parameters: await text.parameterArrays(memory),
    mask: operation.mask === undefined ? 0 : (await memory.signal(operation.mask))[0]!,
    factor: operation.factor === undefined ? 0 : await memory.tensor(operation.factor),
    error: await memory.signal(operation.error),
    stored: await Promise.all(operation.neuron.adjointNeeds.map((name) => memory.signal(operation.stored[name]!))),
  };
}

/** Where the error enters in a chunk. */
export function entranceOf({ at }: AdjointScan, { first, steps }: Chunk, workshop: Workshop): Entrance {
  if (at === "every") return "every step";
  return first + steps === workshop.steps ? "last step" : "none";
}

/** What chunk c starts from, packed: the initial values, or what the last step of the chunk before hands on. */
export function compileStarts(
  { neuron }: AdjointScan,
  text: NeuronText,
  { began }: AdjointText,
  workshop: Workshop,
  units: number,
): (
  c: number,
  stored: readonly (readonly DeviceArray[])[],
  parameters: readonly DeviceArray[],
) => Promise<DeviceArray> {
  const initial = text.makeInitial(workshop, units);
  const needs = neuron.adjointNeeds;
  const starts = workshop.chunks.map(({ steps }) => {
    const before = Object.fromEntries(needs.map((name, index) => [name, `before${index}`]));
    const { statements, results } = text.emit(neuron.carry, began, before, "c");
    return workshop.kernels.make({
      name: `start of a chunk of ${neuron.name}`,
      arguments: [...needs.map((_, index) => `stored${index}`), ...text.parameterArguments],
      body: `
${text.declareParameters}
${needs.map((_, index) => `const before${index} = stored${index}[${steps - 1}][b][n];`).join("\n")}
${statements}
${returnByLayer(text.startNames.map((name) => results[name] ?? "0"))}`,
      output: [units, workshop.batch, text.states + 1],
    });
  });
  return (c, stored, parameters) => {
    // Where nothing is read of the start, any array of its shape will do.
    if (c === 0 || began.length === 0) return initial(...parameters);
    return starts[c - 1]!(...stored.map((arrays) => arrays[c - 1]!), ...parameters);
  };
}

/** The sums for trained parameters, each taken out of its layer. */
export function compileSlices(
  { parameterErrors }: AdjointScan,
  workshop: Workshop,
  units: number,
  firstLayer: number,
): { readonly signal: string; readonly slice: Launch }[] {
  return Object.values(parameterErrors).map((signal, index) => ({
    signal,
    slice: workshop.kernels.make({
      name: `slice ${signal}`,
      arguments: ["packed"],
      body: `return packed[${firstLayer + index}][b][n];`,
      output: [units, workshop.batch, 1],
    }),
  }));
}

function compileChunk(
  operation: AdjointScan,
  text: NeuronText,
  adjoint: AdjointText,
  workshop: Workshop,
  chunk: Chunk,
): { readonly errors: Launch; readonly hand: Launch } {
  const { first, steps } = chunk;
  const { width: units } = workshop.signal(operation.to);
  const step = adjoint.step(first, steps, entranceOf(operation, chunk, workshop));
  const replay = (from: string, to: string): string => `
${adjoint.declare(0)}
for (let s = ${from}; s <= ${to}; s++) {
  const j = ${steps - 1} - s;
  ${step}
}`;
  const make = (name: string, body: string, layers: number): Launch =>
    workshop.kernels.make({
      name,
      arguments: adjoint.arguments,
      body,
      output: [units, workshop.batch, layers],
      iterations: steps + 1,
    });
  const scaled = operation.factor === undefined ? "out" : "out * factor[0][0][n]";
  const last = `${steps - 1} - z`;
  const { state, sums } = adjoint.handed;
  return {
    errors: make(
      `adjoint ${operation.to}`,
      `${replay(text.isMemoryless ? last : "0", last)}\nreturn ${scaled};`,
      steps,
    ),
    hand: make(
      `hand back ${operation.to}`,
      `${replay("0", String(steps - 1))}\n${returnByLayer([...state, ...sums])}`,
      state.length + sums.length,
    ),
  };
}
