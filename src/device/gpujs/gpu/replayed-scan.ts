import type { Scan } from "../../contract.js";
import { startOf } from "../operations/initial-state.js";
import type { DeviceArray } from "../program/arrays.js";
import type { Chunk } from "../program/chunks.js";
import { type CompileContext, type CompiledOperation, stepOf } from "../program/compile-context.js";
import type { Launch } from "../program/kernel-cache.js";
import { returnByLayer } from "../source/emit.js";
import { NeuronSource } from "../source/neuron-source.js";

/**
 * The forward scan without recurrent connections on a graphics processor. A kernel writes one value per thread, so
 * thread (n, b, z) replays the steps 0 .. z of its chunk and writes the result of step z. This is quadratic in the
 * length of a chunk, but far cheaper than one launch per step. Each stored signal is a separate kernel; the starting
 * values of the next chunk are one more, packed.
 */
export function compileScan(operation: Scan, context: CompileContext): CompiledOperation {
  const units = context.signal(operation.current).width;
  const text = new NeuronSource(operation, context, units);
  const initial = text.makeInitial(context, units);
  const carries = operation.carry !== undefined;
  const chunks = context.chunks.map((chunk, c) => {
    const continues = carries || c + 1 < context.chunks.length;
    return compileChunk(operation, text, context, chunk, continues);
  });
  return async (memory) => {
    const parameters = await text.parameterArrays(memory);
    const mask = operation.mask === undefined ? 0 : (await memory.signal(operation.mask))[0]!;
    const current = await memory.signal(operation.current);
    const results = new Map<string, DeviceArray[]>();
    let start = await startOf(operation, memory, () => initial(...parameters));
    for (const [c, { outputs, carry }] of chunks.entries()) {
      const given = [current[c] ?? current[0]!, start, mask, ...parameters];
      for (const { signal, launch } of outputs) {
        const array = await launch(...given);
        results.set(signal, [...(results.get(signal) ?? []), array]);
      }
      if (carry !== undefined) start = await carry(...given);
    }
    for (const [signal, arrays] of results) memory.writeSignal(signal, arrays);
    if (operation.carry !== undefined) memory.writeSignal(operation.carry, [start]);
  };
}

interface CompiledChunk {
  /** Kernels (current, start, mask, parameters), one per signal, that compute its chunk. */
  readonly outputs: readonly { readonly signal: string; readonly launch: Launch }[];
  /** Kernel of the same arguments that computes the starting values of the next chunk. */
  readonly carry: Launch | undefined;
}

function compileChunk(
  operation: Scan,
  text: NeuronSource,
  context: CompileContext,
  { steps }: Chunk,
  continues: boolean,
): CompiledChunk {
  const { neuron } = operation;
  const current = context.signal(operation.current);
  const { batch, kernels } = context;

  /** Leaves the values of step `last` in `drive`, `out`, `u0`, ... and its carry in `v0`, ... and `y`. */
  const replay = (last: string): string => {
    const now = neuron.states.map((state) => `now__${state}`);
    const symbols = { ...text.startSymbols, input: "drive" };
    const step = text.emit(neuron.step, [...now, "y__now"], symbols, "e");
    const fresh = Object.fromEntries(now.map((name, index) => [name, `u${index}`]));
    const advance = (t: string): string => `
  drive = current[${stepOf(current, t)}][b][n];
  ${step.statements}
  out = ${step.results.y__now};
  ${now.map((name, index) => `u${index} = ${step.results[name]};`).join(" ")}
  ${text.carryOn({ ...fresh, input: "drive" }, "c")}
`;
    return `
${text.declareParameters}
${text.declareStart("start")}
let drive = 0; let out = 0;
${now.map((_, index) => `let u${index} = 0;`).join(" ")}
${text.isMemoryless ? advance(last) : `for (let t = 0; t <= ${last}; t++) {${advance("t")}}`}`;
  };
  const make = (signal: string, value: string): { signal: string; launch: Launch } => {
    const body = `${replay("z")}\nreturn ${value};`;
    return { signal, launch: makeChunkKernel(`scan ${signal}`, body, steps) };
  };
  const makeChunkKernel = (name: string, body: string, layers: number): Launch =>
    kernels.make({
      name,
      arguments: ["current", "start", "mask", ...text.parameterArguments],
      body,
      output: [current.width, batch, layers],
      iterations: steps + 1,
    });

  const masked = operation.mask === undefined ? "out" : "out * mask[0][b][n]";
  const outputs = [make(operation.to, masked)];
  for (const [name, signal] of Object.entries(operation.store)) {
    const index = neuron.states.findIndex((state) => name === `now__${state}`);
    outputs.push(make(signal, index < 0 ? "drive" : `u${index}`));
  }
  if (!continues) return { outputs, carry: undefined };
  const packed = returnByLayer([...neuron.states.map((_, index) => `v${index}`), "y"]);
  const carry = makeChunkKernel(`carry of ${operation.to}`, `${replay(String(steps - 1))}\n${packed}`, text.states + 1);
  return { outputs, carry };
}
