import { rowTolerance } from "../equations/definitions/timed-array.js";
import { formulasOf, type Loop } from "../equations/integrators/index.js";
import { tablesIn } from "../equations/kernels/emit-javascript.js";
import type { SynapseKernel } from "../equations/kernels/kernels.js";
import type { Expression, Formulas } from "../equations/language/expression.js";

/**
 * A simulation as plain data, the only input of an executor. Populations, projections and inputs refer to each other by
 * index. In step k, in this order:
 *
 * 1. events that arrive at k are added to their target states: spikes of step k - delay, listed events;
 * 2. recorders read the states that they watch, as they are at time k dt;
 * 3. drives that are copies of states are written; every population is updated, random input included; the neurons whose `spike` is above 0 are its spikes of step k;
 *    recorders read outputs.
 *
 * Plastic synapses act together with their spikes: the pathways of presynaptic spikes act before 1, in their order. Between 1
 * and 2 the sums over synapses are computed. After 3, pathways without delay and those of postsynaptic spikes act, in their
 * order, the recorders of synapses read, and all synapses advance to (k + 1) dt, from the neurons, and from other synapses
 * that they read, as they were in 2. Projections act in their order, so that those whose ends are synapses act after these.
 */
export interface SimulationModel {
  readonly seed: number;
  readonly populations: readonly PopulationModel[];
  readonly projections: readonly ProjectionModel[];
  readonly plastic: readonly PlasticModel[];
  readonly events: readonly EventModel[];
  readonly recorders: readonly RecorderModel[];
  readonly synapseRecorders: readonly SynapseRecorderModel[];
  /** True if code may run between the arrivals of a step and the rest of it. */
  readonly interrupted: boolean;
}

export interface PopulationModel {
  readonly name: string;
  readonly size: number;
  /** In storage order. */
  readonly states: readonly string[];
  /**
   * Each state at the start of the next step. Symbols: the states, the names of `drives` and `noise`, and that of `time`.
   * The formulas contain no other symbols.
   */
  readonly next: Formulas;
  /** Formulas that are repeated for each neuron before `next`, whose variables are symbols of `next` and `spike`. */
  readonly loops?: readonly Loop[];
  /** Fires if this is above 0; absent if the population never fires. Same symbols as `next`. */
  readonly spike?: Expression;
  /** Numbers that recorders read, from the states at the start of the step. Same symbols as `next`. */
  readonly outputs?: Formulas;
  readonly drives: readonly DriveModel[];
  readonly noise: readonly NoiseModel[];
  /** The time at the start of the step, step times `dt` (ms); absent if no formula reads it. */
  readonly time?: { readonly symbol: string; readonly dt: number };
  /** Spikes that are given instead of computed, sorted by step, then by neuron. */
  readonly given?: { readonly steps: Uint32Array; readonly neurons: Uint32Array };
  /** Text of the rate of a source. Its only state is 0, and not finite after a step in which the rate was negative or NaN. */
  readonly rate?: string;
  /** True if the spikes are read, so that the executor keeps them. */
  readonly logged: boolean;
  /** False if the neurons rest: their states stay as they are, apart from events, and they do not fire. */
  readonly active: boolean;
  /** Text of the definition, the same for all values of parameters and inputs. */
  readonly equations: string;
}

/** Numbers from outside: the row of a step is `rowOf(step)`. */
export interface DriveModel {
  readonly symbol: string;
  readonly rows: number;
  /** A whole number, or not if the rows begin between steps. */
  readonly stepsPerRow: number;
  /** Numbers per row: one per neuron, or one for all. */
  readonly width: number;
  readonly values: Float64Array;
  /** True if sums over synapses are written to a copy of the values at every step. */
  readonly summed?: boolean;
  /** Present if the one row is copied from a state in every step. */
  readonly copied?: CopiedState;
}

/** A state that another population reads. */
export interface CopiedState {
  readonly population: number;
  readonly state: number;
  /** Index in the state's population for each value; without it, the value of neuron k is that of neuron k. */
  readonly neurons?: Uint32Array;
  /** At the start of the step, or just before the population that reads it is updated, after those with a lower index. */
  readonly when: "start" | "update";
}

/** Index of the row of a step; the last row is held. */
export const rowOf = (step: number, { rows, stepsPerRow }: Pick<DriveModel, "rows" | "stepsPerRow">): number =>
  Math.min(Math.floor(step / stepsPerRow + (Number.isInteger(stepsPerRow) ? 0 : rowTolerance(stepsPerRow))), rows - 1);

/** The tables that the formulas of a population look up, by number. */
export const tablesOf = ({
  next,
  loops = [],
  spike,
  outputs = {},
}: PopulationModel): Readonly<Record<number, Float64Array>> =>
  tablesIn([
    ...Object.values(next),
    ...loops.flatMap(formulasOf),
    ...Object.values(outputs),
    ...(spike === undefined ? [] : [spike]),
  ]);

/** A uniform number in [0, 1) per neuron and step, drawn from the row of `counters` and the step. */
export interface NoiseModel {
  readonly symbol: string;
  readonly counters: readonly number[];
  /** With more bits for small numbers (`drawFineUniform`); `mirrored`: 1 - u instead of u. By default 24 bits. */
  readonly fine?: "plain" | "mirrored";
  /** True for one number per step for all neurons, that of neuron 0. */
  readonly shared?: boolean;
}

/** Synapses in compressed rows: those of presynaptic neuron i are at rowStart[i] .. rowStart[i + 1] - 1. */
export interface SynapsesModel {
  readonly name: string;
  readonly pre: number;
  readonly post: number;
  readonly rowStart: Uint32Array;
  /** Postsynaptic neurons, ascending within a row. */
  readonly targets: Uint16Array | Uint32Array;
  /** In steps, one number for all synapses or one per synapse; at least 1 unless the synapses are plastic. */
  readonly delays: number | Uint16Array;
}

/** Steps whose spikes travel with certain delays: `from` up to `before` - 1, or all from `from` on. */
export interface SentSteps {
  readonly from: number;
  readonly before?: number;
}

/** Tells if spikes of a step travel with delays that count for some steps, or for all. */
export const isSent = (step: number, { from, before = Number.POSITIVE_INFINITY }: SentSteps = { from: 0 }): boolean =>
  step >= from && step < before;

/** Synapses with fixed weights. Former delays of spikes that are on the way are further projections, with the same arrays. */
export interface ProjectionModel extends SynapsesModel {
  /** Present if the delays have changed. */
  readonly sent?: SentSteps;
  /** Index of the postsynaptic state that an event adds its weight to. */
  readonly state: number;
  readonly weights: number | Float32Array;
  /** False if spikes have no effect through these synapses. */
  readonly active: boolean;
}

/** Synapses that have states of their own and change their weights. */
export interface PlasticModel extends SynapsesModel {
  /** Populations whose spikes drive the pathways: those of the neurons, or of their events. */
  readonly spikes: { readonly pre: number; readonly post: number };
  /** Initial values. */
  readonly weights: number | Float64Array;
  /** False if the synapses rest: they keep their values, and spikes have no effect through them. */
  readonly active: boolean;
  /** Initial values of states that differ between synapses. */
  readonly initial: Readonly<Record<string, Float64Array>>;
  /** States that have been given values of their own for every synapse since the start. */
  readonly distinct: readonly string[];
  /** Values of the kernel's parameters. */
  readonly parameters: Readonly<Record<string, Float64Array>>;
  /** Those that sums over other synapses replace, at every step. */
  readonly summedParameters: readonly string[];
  /** True if the synapses are computed at every step, whatever their equations are. */
  readonly stepwise: boolean;
  /** Index of the population that stands for these synapses at an end of other projections. */
  readonly end?: number;
  readonly kernel: SynapseKernel;
  readonly pathways: readonly PathwayModel[];
  /** Variables of neurons that the formulas read or write. */
  readonly neurons: readonly NeuronValueModel[];
  readonly sums: readonly SumModel[];
  /** Name of the scheme, for errors. */
  readonly integrator: string;
  /** Text of the definition, the same for all values of parameters. */
  readonly equations: string;
  /** Signal that modulates all synapses: value `min(floor(step / stepsPerRow), length - 1)`. */
  readonly signal: { readonly values: Float64Array; readonly stepsPerRow: number };
}

/** Changes of the synapses at the spikes of one side. */
export interface PathwayModel {
  /** Unique, apart from former delays of spikes that are on the way, which are further pathways of the same name. */
  readonly name: string;
  readonly side: "pre" | "post";
  /** New values of the synapse's variables and of symbols of `neurons`, over the values before. */
  readonly changes: Formulas;
  /** In steps, one number for all synapses or one per synapse. With 0, a spike acts at the end of its step. */
  readonly delays: number | Uint16Array;
  /** Present if the delays have changed. */
  readonly sent?: SentSteps;
}

/**
 * A state of the neurons on one side of the synapses, or a parameter, which is a drive of their population; or a variable of
 * the synapses on that side, which are those of another plastic projection, with a lower index; or the index of the neuron
 * less that of the first one that is connected, or the time, ms.
 */
export type NeuronValueModel = { readonly symbol: string; readonly side: "pre" | "post" } & (
  | { readonly state: number }
  | { readonly parameter: string }
  | { readonly plastic: number; readonly variable: string }
  | { readonly first: number }
  | { readonly clock: true }
);

/** A sum over the synapses of each neuron on one side. */
export interface SumModel {
  readonly side: "pre" | "post";
  /**
   * Parameter or input current of the neuron. The sum is written to the drive `sumSymbol(variable)`, with further sums; or to
   * the parameter of the synapses on that side.
   */
  readonly variable: string;
  /** Index of the plastic projection whose synapses are on that side, if they are no neurons. */
  readonly plastic?: number;
  readonly term: Expression;
}

/** Symbol of the drive that sums over synapses are written to. */
export const sumSymbol = (variable: string): string => `sum__${variable}`;

/** Given events: each adds `weight` to a state of one neuron. Sorted by step. */
export interface EventModel {
  readonly population: number;
  readonly state: number;
  readonly weight: number;
  readonly steps: Uint32Array;
  readonly neurons: Uint32Array;
}

/** Records a state, or an output by name, of some neurons at every `every`-th step. */
export interface RecorderModel {
  readonly population: number;
  readonly variable: { readonly state: number } | { readonly output: string };
  readonly neurons: Uint32Array;
  readonly every: number;
}

/** Records a variable of some synapses of a plastic projection at every `every`-th step. */
export interface SynapseRecorderModel {
  /** Index among the plastic projections. */
  readonly plastic: number;
  /** `weight`, a state or a derived quantity. */
  readonly variable: string;
  readonly synapses: Uint32Array;
  readonly every: number;
}

/** Most words of a ring that is needed only for changes of weights. */
const MOST_KEPT = 2 ** 24;

/**
 * Number of slots of a ring that keeps the spikes of a population for its slowest projection.
 * @param pathways Pathways of plastic projections that read the ring, with their neurons.
 */
export function spikeSlots(
  model: SimulationModel,
  population: number,
  pathways: readonly { readonly population: number; readonly pathway: PathwayModel }[] = [],
): number {
  const { size } = model.populations[population]!;
  const fixed = model.projections.flatMap(({ pre, delays }) => {
    if (pre !== population) return [];
    // Spikes with different delays have been sent already; they are kept so that their weights may change.
    const slots = longestOf(delays);
    return typeof delays === "number" || slots * size <= MOST_KEPT ? [slots] : [];
  });
  const plastic = pathways.flatMap(({ population: of, pathway }) => (of === population ? [slotsFor(pathway)] : []));
  return [...fixed, ...plastic].reduce((most, slots) => Math.max(most, slots), 1);
}

/** The longest of arrays of delays, which do not change. */
const longest = new WeakMap<Uint16Array, number>();

/** The longest of one or more delays. */
export function longestOf(delays: number | Uint16Array): number {
  if (typeof delays === "number") return delays;
  const found = longest.get(delays) ?? delays.reduce((most, delay) => Math.max(most, delay), 0);
  longest.set(delays, found);
  return found;
}

/** Spikes that act after those of their step are sent need a slot more. */
function slotsFor({ side, delays }: PathwayModel): number {
  const longest = longestOf(delays);
  return side === "post" ? longest + 1 : longest;
}

/** A ring of sums that will arrive at one state, for projections whose synapses differ in delay. */
export interface ArrivalRing {
  readonly population: number;
  readonly state: number;
  /** A power of two above the longest delay. */
  readonly slots: number;
}

export function arrivalRings({ projections }: SimulationModel): ArrivalRing[] {
  const rings = new Map<string, ArrivalRing>();
  for (const { post, state, delays } of projections) {
    if (typeof delays === "number") continue;
    const key = `${post},${state}`;
    const longest = delays.reduce((most, delay) => Math.max(most, delay), 1);
    const slots = Math.max(2 ** Math.ceil(Math.log2(longest + 1)), rings.get(key)?.slots ?? 1);
    rings.set(key, { population: post, state, slots });
  }
  return [...rings.values()];
}
