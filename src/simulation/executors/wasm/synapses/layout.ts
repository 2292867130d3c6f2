import type { PathwayModel, PlasticModel, SimulationModel, SynapseRecorderModel } from "../../../model.js";
import { type EventPlan, eventPlan, OWNERS, type Owner } from "../../event-driven/event-plan.js";
import type { Ends } from "../../event-driven/read-synapses.js";
import { listSynapses, type SynapseLists } from "../../event-driven/synapse-lists.js";
import { rowOfEach } from "../../plastic/row-of-each.js";
import { changingOf } from "../../plastic/synapse-loops.js";

/** A plastic projection that this executor runs from event to event. */
export interface EventProjection {
  /** Index among the plastic projections. */
  readonly index: number;
  readonly model: PlasticModel;
  readonly plan: EventPlan;
  /** The neuron of every synapse on either side. */
  readonly ends: Ends;
  readonly pathways: readonly EventPathway[];
  readonly recorders: readonly { readonly model: SynapseRecorderModel; readonly index: number }[];
}

export interface EventPathway {
  readonly model: PathwayModel;
  /** Absent if the synapses of a neuron are a row, with one delay. */
  readonly lists?: SynapseLists;
}

/** Lists of synapses of pathways. A change of the model keeps its pathways. */
const listed = new WeakMap<PathwayModel, SynapseLists>();

/** The plastic projections of a model that can run from event to event. */
export function eventProjections(model: SimulationModel): EventProjection[] {
  return model.plastic.flatMap((plastic, index) => {
    const plan = eventPlan(plastic);
    if (plan === undefined) return [];
    const sizes = { pre: plastic.rowStart.length - 1, post: model.populations[plastic.post]!.size };
    const ends: Ends = { pre: rowOfEach(plastic.rowStart), post: plastic.targets };
    const pathways = plastic.pathways.map((pathway): EventPathway => {
      const { side, delays } = pathway;
      if (side === "pre" && typeof delays === "number") return { model: pathway };
      const lists = listed.get(pathway) ?? listSynapses(ends[side], sizes[side], delays);
      listed.set(pathway, lists);
      return { model: pathway, lists };
    });
    const recorders = model.synapseRecorders.flatMap((recorder, r) =>
      recorder.plastic === index ? [{ model: recorder, index: r }] : [],
    );
    return [{ index, model: plastic, plan, ends, pathways, recorders }];
  });
}

/** Byte addresses of an event-driven projection. Numbers are in double precision, words have 32 bits. */
export interface SynapsesLayout {
  readonly sizes: Readonly<Record<Owner, number>>;
  /** Of `weight` and each state: one number per element of its owner. */
  readonly variables: Readonly<Record<string, number>>;
  /** The step to which each element's group has been advanced; absent if its values do not change between events. */
  readonly last: Readonly<Partial<Record<Owner, number>>>;
  /** Two words, `KeptSynapses.silent`. */
  readonly silent: number;
  /**
   * Addresses from .. to - 1 of everything that presynaptic neurons have once for all their synapses. Every thread has a
   * copy of it, since each of them processes the part of a row that ends at its own neurons; the copies are at `copies`.
   */
  readonly shared: { readonly from: number; readonly to: number };
  readonly copies: number;
  readonly parameters: Readonly<Record<string, number>>;
  /** Parts of rows, one per thread. */
  readonly rows: number;
  readonly targets: number;
  readonly targetBytes: 2 | 4;
  /** Start of the lists, their synapses, and the neurons of these on the other side; and the delays. */
  readonly pathways: readonly (PathwayLayout | undefined)[];
  readonly powers: Readonly<Record<string, PowerTables>>;
  readonly signal: number;
  readonly recorders: readonly SynapseRecorderLayout[];
}

export interface PathwayLayout {
  readonly delays: number;
  readonly start: number;
  readonly synapses: number;
  readonly others: number;
}

/** A power after 0, 1, 2 ... `FEW` - 1 steps, and after 0, 1, 2 ... times `FEW` steps. */
interface PowerTables {
  readonly few: number;
  readonly many: number;
}

export interface SynapseRecorderLayout {
  /** The words with the number of rows, one per thread. */
  readonly rows: number;
  /** The recorded synapses, and their neurons. */
  readonly synapse: number;
  readonly pre: number;
  readonly post: number;
  readonly values: number;
}

/** Base-2 logarithm of the size of the first table. */
export const FEW_BITS = 7;
export const FEW = 2 ** FEW_BITS;
/** All synapses are advanced at multiples of this number of steps, so that the tables need not be longer. */
export const LONGEST_GAP = 2 ** 15;
/** A power of two above LONGEST_GAP / FEW. */
export const MANY = 2 ** 9;

type Take = (bytes: number) => number;

/** Addresses of the part that is saved. */
export function layOutVariables({ model, plan }: EventProjection, post: number, take: Take) {
  const sizes = { pre: model.rowStart.length - 1, post, synapse: model.targets.length };
  const variables: Record<string, number> = {};
  const last: Partial<Record<Owner, number>> = {};
  const shared = { from: 0, to: 0 };
  // Those of presynaptic neurons come first, side by side.
  for (const owner of OWNERS) {
    if (owner === "pre") shared.from = take(0);
    for (const name of changingOf(model.kernel)) {
      if (plan.owners.get(name) === owner) variables[name] = take(8 * sizes[owner]);
    }
    if (plan.groups[owner].length > 0) last[owner] = take(4 * sizes[owner]);
    if (owner === "pre") shared.to = take(0);
  }
  return { sizes, variables, last, silent: take(8), shared };
}

/** Addresses of the constant part and of the recorded values. */
export function layOutSynapses(
  { model, plan, pathways, recorders }: EventProjection,
  variables: ReturnType<typeof layOutVariables> & { readonly copies: number },
  { longest, threads }: { readonly longest: number; readonly threads: number },
  take: Take,
): SynapsesLayout {
  const { kernel, targets, rowStart, signal } = model;
  return {
    ...variables,
    parameters: Object.fromEntries(kernel.parameters.map((name) => [name, take(8 * targets.length)])),
    rows: take(4 * (threads * (rowStart.length - 1) + 1)),
    targets: take(targets.byteLength),
    targetBytes: targets instanceof Uint16Array ? 2 : 4,
    pathways: pathways.map(({ lists }) => {
      if (lists === undefined) return undefined;
      const { delays, start, synapses } = lists;
      return {
        delays: take(4 * delays.length),
        start: take(4 * (threads * (start.length - 1) + 1)),
        synapses: take(synapses.byteLength),
        others: take(synapses.byteLength),
      };
    }),
    powers: Object.fromEntries(
      Object.keys(plan.powers).map((name) => [name, { few: take(8 * FEW), many: take(8 * MANY) }]),
    ),
    signal: take(signal.values.byteLength),
    recorders: recorders.map(({ model: { synapses, every } }) => {
      const list = (): number => take(4 * synapses.length);
      return {
        rows: take(4 * threads),
        synapse: list(),
        pre: list(),
        post: list(),
        values: take(8 * synapses.length * Math.ceil(longest / every)),
      };
    }),
  };
}
