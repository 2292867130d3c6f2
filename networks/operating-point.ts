import { compileFormulas } from "../src/device/host/formulas.js";
import type { NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { drawUniform, rowKey, STREAM } from "../src/random/counter.js";

/** Moments of a layer's outputs, or of its input current, over units, samples and steps. */
export interface Moments {
  readonly mean: number;
  /** Variance over units and samples of the component that is constant during a presentation. */
  readonly constant: number;
  /** Variance from step to step. */
  readonly changing: number;
}

/** Response of a neuron to a current. */
export type Response = (current: Moments) => Moments;

/** Number of simulated units, each with its own current. */
const UNITS = 128;
/** Target output of a graded neuron, as a fraction of its range above the output without input. */
const TARGET_FRACTION = 0.25;
/** Largest current of the search. */
const LARGEST_CURRENT = 1e6;
const SMALLEST_CURRENT = 1e-3;
/** Number of bisections of the interval on a logarithmic scale; it starts with a factor of 2. */
const HALVINGS = 5;

/**
 * Simulates independent neurons on random currents, normal over units and steps, and measures their outputs.
 * @param options.steps steps of the presentation
 * @param options.dt length of a step, ms
 */
export function responseOf(neuron: NeuronDefinition, { steps, dt }: { steps: number; dt: number }): Response {
  const kernel = neuron.kernel({ dt });
  const values = kernel.parameters.map((name) => neuron.parameters[name]!.value);
  const { states } = kernel;
  const now = states.map((state) => `now__${state}`);
  const step = compileFormulas(
    kernel.step,
    [...kernel.parameters, ...states, "y", "input"],
    [...now, "y__now"],
    "double",
  );
  const carry = compileFormulas(kernel.carry, [...kernel.parameters, ...now, "input"], [...states, "y"], "double");
  const initial = new Float64Array(states.length);
  compileFormulas(kernel.initial, kernel.parameters, states, "double")(values, initial);
  const parts = normals(UNITS * (steps + 1));
  const before = Float64Array.from([...values, ...initial, 0, 0]);
  const after = Float64Array.from([...values, ...initial, 0]);
  const stepped = new Float64Array(states.length + 1);
  const carried = new Float64Array(states.length + 1);
  const first = values.length;

  return ({ mean, constant, changing }) => {
    const [own, fresh] = [Math.sqrt(constant), Math.sqrt(changing)];
    let sum = 0;
    let squares = 0;
    let squaresOfMeans = 0;
    for (let unit = 0; unit < UNITS; unit++) {
      before.set(initial, first);
      before[first + states.length] = 0;
      let total = 0;
      for (let t = 0; t < steps; t++) {
        const current = mean + own * parts[unit]! + fresh * parts[UNITS * (t + 1) + unit]!;
        before[first + states.length + 1] = current;
        step(before, stepped);
        const y = stepped[states.length]!;
        total += y;
        squares += y * y;
        after.set(stepped.subarray(0, states.length), first);
        after[first + states.length] = current;
        carry(after, carried);
        before.set(carried, first);
      }
      sum += total;
      squaresOfMeans += (total / steps) ** 2;
    }
    const average = sum / (UNITS * steps);
    const square = squaresOfMeans / UNITS;
    return {
      mean: average,
      constant: Math.max(0, square - average ** 2),
      changing: Math.max(0, squares / (UNITS * steps) - square),
    };
  };
}

/**
 * The size of the current at which a neuron works: spiking neurons fire at a given rate, and the bounded output of graded
 * neurons has risen by `TARGET_FRACTION` of its range. Undefined for neurons without such a point: those without memory,
 * those with an unbounded output, and those that fire without input or not at all.
 * @param rate mean rate of a spiking neuron, spikes per step
 * @param current mean and variances of a current of a given size
 */
export function operatingPoint(
  neuron: NeuronDefinition,
  response: Response,
  rate: number,
  current: (size: number) => Moments,
): number | undefined {
  if (Object.keys(neuron.states).length === 0) return undefined;
  const still = (mean: number): number => response({ mean, constant: 0, changing: 0 }).mean;
  const silent = still(0);
  let target = rate;
  if (neuron.output === "values") {
    const [large, largest] = [still(LARGEST_CURRENT / 10), still(LARGEST_CURRENT)];
    // An output that still grows at such currents is unbounded.
    if (!(Math.abs(largest - large) < 0.01 * (largest - silent))) return undefined;
    target = silent + TARGET_FRACTION * (largest - silent);
  }
  if (!(silent < target)) return undefined;
  const reaches = (size: number): boolean => response(current(size)).mean >= target;
  let high = SMALLEST_CURRENT;
  while (!reaches(high)) {
    high *= 2;
    if (high > LARGEST_CURRENT) return undefined;
  }
  let low = high / 2;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(low * high);
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Standard normal numbers, the same at every call (Box and Muller 1958). */
export function normals(count: number): Float64Array {
  const key = rowKey(0, STREAM.operatingPoint, 0, 0, 0);
  return Float64Array.from({ length: count }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log(1 - drawUniform(key, 2 * i)));
    return radius * Math.cos(2 * Math.PI * drawUniform(key, 2 * i + 1));
  });
}
