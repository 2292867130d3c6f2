import type { Scan } from "../../contract.js";
import { startOf } from "../operations/initial-state.js";
import type { DeviceArray, Shape } from "../program/arrays.js";
import { type CompileContext, type CompiledOperation, stepOf } from "../program/compile-context.js";
import type { Launch } from "../program/kernel-cache.js";
import { returnByLayer } from "../source/emit.js";
import { NeuronSource } from "../source/neuron-source.js";
import { makeParallelProduct } from "./dense-product.js";
import { makeStack } from "./stack.js";

/**
 * The forward scan with recurrent connections on a graphics processor, step by step: first the recurrent input, then
 * one kernel that computes all results of a step, packed in layers: the states and y as the next step starts from
 * them, the output of the recurrent connections (y times the mask), then the stored values. The layers of all steps
 * are stacked chunk by chunk.
 */
export function compileRecurrentScan(operation: Scan, context: CompileContext, recurrent: string): CompiledOperation {
  const { batch, kernels } = context;
  const units = context.signal(operation.current).width;
  const text = new NeuronSource(operation, context, units);
  const recurrentLayer = text.states + 1;
  const signals = [operation.to, ...Object.values(operation.store)];
  const packed: Shape = [units, batch, recurrentLayer + signals.length];

  const initial = text.makeInitial(context, units);
  const begin = kernels.make({
    name: `begin ${operation.to}`,
    arguments: ["start", "mask"],
    body: beginBody(text.states, operation.mask !== undefined),
    output: packed,
  });
  const recurrentProduct = makeParallelProduct(kernels, {
    name: `recurrent current of ${operation.to}`,
    inner: units,
    output: [units, batch, 1],
    layer: recurrentLayer,
  });
  const advance = makeStep(operation, text, context, packed);
  const end = kernels.make({
    name: `carry of ${operation.to}`,
    arguments: ["packed"],
    body: "return packed[z][b][n];",
    output: [units, batch, recurrentLayer],
  });
  const stacks = context.chunks.map(({ steps }) =>
    signals.map((_, index) => makeStack(kernels, [units, batch, steps], recurrentLayer + index)),
  );

  return async (memory) => {
    const parameters = await text.parameterArrays(memory);
    const mask = operation.mask === undefined ? 0 : (await memory.signal(operation.mask))[0]!;
    const current = await memory.signal(operation.current);
    const by = await memory.tensor(recurrent);
    const results: DeviceArray[][] = signals.map(() => []);
    const start = await startOf(operation, memory, () => initial(...parameters));
    let state = await begin(start, mask);
    for (const [c, { steps }] of context.chunks.entries()) {
      const packs: DeviceArray[] = [];
      for (let t = 0; t < steps; t++) {
        const recurrentInput = await recurrentProduct(state, by, 0);
        state = await advance(current[c] ?? current[0]!, t, recurrentInput, state, mask, ...parameters);
        packs.push(state);
      }
      for (const [index, stack] of stacks[c]!.entries()) results[index]!.push(await stack(packs));
    }
    for (const [index, signal] of signals.entries()) memory.writeSignal(signal, results[index]!);
    if (operation.carry !== undefined) memory.writeSignal(operation.carry, [await end(state)]);
  };
}

/** Converts the packed start of a run to the packed array of a step. */
function beginBody(states: number, masked: boolean): string {
  const recurrentInput = `start[${states}][b][n]${masked ? " * mask[0][b][n]" : ""}`;
  return `
let value = 0;
if (z <= ${states}) { value = start[z][b][n]; }
if (z === ${states + 1}) { value = ${recurrentInput}; }
return value;`;
}

/** Kernel (current, t, recurrentInput, before, mask, parameters): the packed array of step t of a chunk. */
function makeStep(operation: Scan, text: NeuronSource, context: CompileContext, output: Shape): Launch {
  const { neuron } = operation;
  const current = context.signal(operation.current);
  const now = neuron.states.map((state) => `now__${state}`);
  const step = text.emit(neuron.step, [...now, "y__now"], { ...text.startSymbols, input: "drive" }, "e");
  const fresh = Object.fromEntries(now.map((name, index) => [name, `u${index}`]));
  const stored = Object.keys(operation.store).map((name) => fresh[name] ?? "drive");
  const out = operation.mask === undefined ? "out" : "out * mask[0][b][n]";
  const layers = [...neuron.states.map((_, index) => `v${index}`), "y", out, ...stored];
  return context.kernels.make({
    name: `step of ${operation.to}`,
    arguments: ["current", "t", "recurrentInput", "before", "mask", ...text.parameterArguments],
    body: `
${text.declareParameters}
${text.declareStart("before")}
const drive = current[${stepOf(current, "Math.floor(t)")}][b][n] + recurrentInput[0][b][n];
${step.statements}
let out = 0; out = ${step.results.y__now};
${now.map((name, index) => `let u${index} = 0; u${index} = ${step.results[name]};`).join("\n")}
${text.carryOn({ ...fresh, input: "drive" }, "c")}
${returnByLayer(layers)}`,
    output,
  });
}
