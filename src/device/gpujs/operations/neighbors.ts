import { SpikevineError } from "../../../errors.js";
import type { ErrorSource, Neighbors } from "../../contract.js";
import { makeStack } from "../gpu/stack.js";
import type { DeviceArray } from "../program/arrays.js";
import { LARGEST_CHUNK } from "../program/chunks.js";
import { type CompileContext, type CompiledOperation, stepOf } from "../program/compile-context.js";
import { NeuronSource } from "../source/neuron-source.js";

/**
 * Effects of single spikes: thread (n, b, z) follows the neighbor of step z to the last step. It reads all later steps, so the
 * chunks of each signal are joined first.
 */
export function compileNeighbors(operation: Neighbors, context: CompileContext): CompiledOperation {
  const { current, stored, errors, mask, to } = operation;
  const { steps, batch, kernels } = context;
  const units = context.signal(to).width;
  if (!context.hostArrays && steps * batch * units > LARGEST_CHUNK) {
    throw new SpikevineError(
      `train: neighborhood aggregation of ${steps} steps, ${batch} samples and ${units} units needs arrays of ${steps * batch * units} numbers, but this device has room for ${LARGEST_CHUNK}; use the device simd, or a smaller batch.`,
    );
  }
  const text = new NeuronSource(operation, context, units);
  const names = Object.keys(stored);
  const launches = context.chunks.map((chunk) =>
    kernels.make({
      name: `neighbors ${to}`,
      arguments: [
        "current",
        ...names.map((_, k) => `stored${k}`),
        ...errors.map((_, k) => `error${k}`),
        ...(mask === undefined ? [] : ["mask"]),
        ...text.parameterArguments,
      ],
      body: kernelBody(operation, context, text, names, chunk.first),
      output: [units, batch, chunk.steps],
      iterations: steps + 1,
    }),
  );
  const join = makeStack(kernels, [units, batch, steps]);
  return async (memory) => {
    const given: DeviceArray[] = [];
    for (const name of [current, ...Object.values(stored), ...errors.map(({ signal }) => signal)]) {
      given.push(await join(await memory.signal(name)));
    }
    if (mask !== undefined) given.push(...(await memory.signal(mask)));
    given.push(...(await text.parameterArrays(memory)));
    memory.writeSignal(to, await Promise.all(launches.map((launch) => launch(...given))));
  };
}

function kernelBody(
  { neuron, current, errors, smoothing, mask }: Neighbors,
  context: CompileContext,
  text: NeuronSource,
  names: readonly string[],
  first: number,
): string {
  const last = context.steps - 1;
  const valuesAt = (prefix: string, t: string): string =>
    [
      `const ${prefix}Input = current[${stepOf(context.signal(current), t)}][b][n];`,
      ...names.map((_, k) => `const ${prefix}${k} = stored${k}[${t}][b][n];`),
    ].join("\n");
  const symbols = (prefix: string): Record<string, string> => ({
    input: `${prefix}Input`,
    ...Object.fromEntries(names.map((name, k) => [name, `${prefix}${k}`])),
  });
  const errorAt = (place: ErrorSource["of"], t: string): string => {
    const terms = errors.flatMap(({ signal, at, of, scale }, k) => {
      if (of !== place) return [];
      const value = `error${k}[${stepOf(context.signal(signal), t)}][b][n] * ${scale < 0 ? `(${scale})` : scale}`;
      return [at === "every" ? value : `(${t} === ${last} ? ${value} : 0)`];
    });
    const sum = terms.length === 0 ? "0.0" : terms.join(" + ");
    return mask === undefined || place !== "output" ? sum : `(${sum}) * mask[0][b][n]`;
  };
  const own = text.emit(neuron.carry, ["y"], symbols("own"), "o");
  const weighting = text.emit(neuron.weighting, ["factor"], symbols("own"), "w");
  const flipped = text.emit(neuron.flipped, text.startNames, { ...symbols("own"), y: "changed" }, "f");
  const step = text.emit(
    neuron.step,
    [...neuron.states.map((state) => `now__${state}`), "y__now"],
    { ...text.startSymbols, input: "laterInput" },
    "s",
  );
  const later = text.emit(neuron.carry, ["y"], symbols("later"), "l");
  const now = Object.fromEntries(neuron.states.map((state, index) => [`now__${state}`, `now${index}`]));
  const traces = [...new Set(errors.map(({ of }) => of))].filter((place) => place !== "output");
  return `
${text.declareParameters}
const t = z + ${first};
${valuesAt("own", "t")}
${own.statements}
let y = 0; y = ${own.results.y};
const changed = 1 - y;
let difference = 0; difference = changed - y;
let sum = 0; sum = (${errorAt("output", "t")}) * difference;
${flipped.statements}
${neuron.states.map((state, index) => `let v${index} = 0; v${index} = ${flipped.results[state]};`).join("\n")}
y = changed;
for (let j = 1; j < ${context.steps}; j++) {
  const r = t + j;
  if (r < ${context.steps}) {
    ${valuesAt("later", "r")}
    ${step.statements}
    ${neuron.states.map((state, index) => `const now${index} = ${step.results[`now__${state}`]};`).join("\n")}
    const fired = ${step.results.y__now};
    ${later.statements}
    difference = ${smoothing} * difference + fired - (${later.results.y});
    sum += (${errorAt("output", "r")}) * difference;
    ${traces.map((place) => `sum += (${errorAt(place, "r")}) * (${now[place]} - later${names.indexOf(place)});`).join("\n")}
    ${text.carryOn({ input: "laterInput", ...now }, "c")}
  }
}
${weighting.statements}
return sum * (${weighting.results.factor});`;
}
