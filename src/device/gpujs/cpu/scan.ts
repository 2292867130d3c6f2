import { freeSymbols } from "../../../equations/language/expression.js";
import type { Scan } from "../../contract.js";
import { startOf } from "../operations/initial-state.js";
import { makeRowsTimesMatrix } from "../operations/products.js";
import type { DeviceArray } from "../program/arrays.js";
import type { CompileContext, CompiledOperation } from "../program/compile-context.js";
import type { Launch } from "../program/kernel-cache.js";
import type { ProcedureMemory } from "../program/memory.js";
import { returnByLayer } from "../source/emit.js";
import { NeuronSource } from "../source/neuron-source.js";
import { makeGatherSum } from "./gather-sum.js";
import { COUNTS, listUnits } from "./index-lists.js";
import { firedOf } from "./spike-deltas.js";

/**
 * The forward scan on a CPU: one launch per step. The layers of its result are the states after the step, the output
 * that other units receive, and the total current if it is read later. Only terms that these layers share are computed
 * more than once. A step of an array is a view, so a launch does not copy the steps that it does not read.
 */
export function compileStepScan(operation: Scan, context: CompileContext): CompiledOperation {
  const { recurrent, store, to } = operation;
  const { width: units, rows } = context.signal(operation.current);
  const text = new NeuronSource(operation, context, units);
  const initial = text.makeInitial(context, units);
  const layers = layersOf(operation);
  const outLayer = layers.indexOf("out");
  const make = (begin: string): Launch => makeStep(operation, text, context, layers, begin);
  const first = make(text.declareStart("before"));
  const later = make(resume(text, layers, neededBy(operation, text)));
  const end = makeCarry(text, context, layers, units);
  const begin = makeRecurrentInput(operation, text, context, units);
  const recurrentProduct = recurrent === undefined ? undefined : compileRecurrentInput(context, recurrent, to);
  const signals = new Map([[to, outLayer]]);
  for (const [name, signal] of Object.entries(store)) signals.set(signal, layers.indexOf(name));

  return async (memory) => {
    const parameters = await text.parameterArrays(memory);
    const mask = operation.mask === undefined ? 0 : (await memory.signal(operation.mask))[0]!;
    const current = await memory.signal(operation.current);
    const by = recurrent === undefined ? undefined : await memory.tensor(recurrent);
    const results = new Map<string, DeviceArray[]>();
    for (const signal of signals.keys()) results.set(signal, []);
    let state = await startOf(operation, memory, () => initial(...parameters));
    let out = by === undefined ? state : await begin(state, mask);
    let advance = first;
    for (const [c, { steps }] of context.chunks.entries()) {
      const packs: DeviceArray[] = [];
      for (let t = 0; t < steps; t++) {
        const recurrentInput = recurrentProduct === undefined ? 0 : await recurrentProduct(memory, out, by!);
        const drive = memory.layer(current[c] ?? current[0]!, rows === "steps" ? t : 0);
        state = await advance(drive, recurrentInput, state, mask, ...parameters);
        out = memory.layer(state, outLayer);
        advance = later;
        packs.push(state);
      }
      for (const [signal, layer] of signals) results.get(signal)!.push(memory.stack(packs, layer));
    }
    for (const [signal, arrays] of results) memory.writeSignal(signal, arrays);
    if (operation.carry !== undefined) memory.writeSignal(operation.carry, [await end(state, ...parameters)]);
  };
}

/** Content of each layer of a step's result: `now__v` of every state, `out`, and `input` if it is read later. */
function layersOf({ neuron, store }: Scan): readonly string[] {
  const reads = "input" in store || freeSymbols(Object.values(neuron.carry)).includes("input");
  return [...neuron.states.map((state) => `now__${state}`), "out", ...(reads ? ["input"] : [])];
}

/** Names of the starting values that a step reads. */
function neededBy({ neuron }: Scan, text: NeuronSource): readonly string[] {
  const read = freeSymbols(Object.values(neuron.step));
  return text.startNames.filter((name) => read.includes(name));
}

/** Declares the starting values of a step, computed from the layers of the step before. */
function resume(text: NeuronSource, layers: readonly string[], wanted: readonly string[]): string {
  const symbols = Object.fromEntries(layers.map((name, layer) => [name, `was${layer}`]));
  return `
${layers.map((_, layer) => `const was${layer} = before[${layer}][b][n];`).join("\n")}
${wanted.map((name) => `let ${text.startSymbols[name]} = 0;`).join(" ")}
${text.carryOn(symbols, "c", wanted)}`;
}

/** Kernel (current, recurrentInput, before, mask, parameters): the result of a step, layer by layer. */
function makeStep(
  operation: Scan,
  text: NeuronSource,
  context: CompileContext,
  layers: readonly string[],
  begin: string,
): Launch {
  const { neuron, recurrent, mask, current } = operation;
  const now = neuron.states.map((state) => `now__${state}`);
  const step = text.emit(neuron.step, [...now, "y__now"], { ...text.startSymbols, input: "drive" }, "e");
  const out = `${step.results.y__now}${mask === undefined ? "" : " * mask[0][b][n]"}`;
  const values: Readonly<Record<string, string>> = { ...step.results, out, input: "drive" };
  return context.kernels.make({
    name: `step of ${operation.to}`,
    arguments: ["current", "recurrentInput", "before", "mask", ...text.parameterArguments],
    body: `
${text.declareParameters}
${begin}
const drive = current[0][b][n]${recurrent === undefined ? "" : " + recurrentInput[0][b][n]"};
${step.statements}
${returnByLayer(layers.map((name) => values[name]!))}`,
    output: [context.signal(current).width, context.batch, layers.length],
  });
}

/** Kernel (before, parameters): the starting values of the next run. */
function makeCarry(
  text: NeuronSource,
  { kernels, batch }: CompileContext,
  layers: readonly string[],
  units: number,
): Launch {
  const names = text.startNames;
  return kernels.make({
    name: `carry of ${text.neuron.name}`,
    arguments: ["before", ...text.parameterArguments],
    body: `
${text.declareParameters}
${resume(text, layers, names)}
${returnByLayer(names.map((name) => text.startSymbols[name]!))}`,
    output: [units, batch, names.length],
  });
}

/** Kernel (start, mask): the outputs that the recurrent connections read at the first step. */
function makeRecurrentInput(
  { mask }: Scan,
  { states }: NeuronSource,
  { kernels, batch }: CompileContext,
  units: number,
): Launch {
  return kernels.make({
    name: "recurrent input at the start",
    arguments: ["start", "mask"],
    body: `return start[${states}][b][n]${mask === undefined ? "" : " * mask[0][b][n]"};`,
    output: [units, batch, 1],
  });
}

/** Compiles the recurrent input: the outputs of a step times the recurrent weights. */
function compileRecurrentInput(
  context: CompileContext,
  recurrent: string,
  to: string,
): (memory: ProcedureMemory, outputs: DeviceArray, weights: DeviceArray) => Promise<DeviceArray> {
  const { kernels, batch } = context;
  const { width: units, kind } = context.signal(to);
  const name = `recurrent current of ${to}`;
  if (kind !== "spikes") {
    const multiply = makeRowsTimesMatrix(context, { tensor: recurrent, direction: "forward" }, name, 1, false);
    return (_, outputs, weights) => multiply(outputs, weights);
  }
  const capacity = units + COUNTS;
  const sum = makeGatherSum(kernels, { name, output: [units, batch, 1], capacity });
  return async (memory, { numbers }, weights) => {
    const lists = listUnits(firedOf(numbers!, batch, units), undefined, units, units);
    return sum(await memory.upload(lists, [capacity, batch, 1]), weights);
  };
}
