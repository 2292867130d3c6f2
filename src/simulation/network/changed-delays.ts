import { longestOf, type PlasticModel, type SentSteps } from "../model.js";

/** Something whose spikes travel with delays: synapses, or a pathway of plastic synapses. */
interface Delayed {
  /** In steps. */
  readonly delays: number | Uint16Array;
  readonly sent?: SentSteps;
}

/** Present delays, and former ones of spikes that may be on the way, the oldest first. */
export interface Delays<T extends Delayed> {
  readonly present: T;
  readonly former: readonly T[];
}

/**
 * Gives spikes other delays from a step on. Those of earlier steps keep the time of their arrival.
 * @param step Index of the next step. With 0, nothing is on the way.
 */
export function changeDelays<T extends Delayed>({ present, former }: Delays<T>, delays: T["delays"], step: number) {
  if (step === 0) return { present: withoutSent({ ...present, delays }), former: [] };
  const until = { ...present, sent: { from: present.sent?.from ?? 0, before: step } };
  const isOnTheWay = (past: T): boolean => {
    const { from, before } = past.sent as Required<SentSteps>;
    return before > from && before - 1 + longestOf(past.delays) >= step;
  };
  return { present: { ...present, delays, sent: { from: step } }, former: [...former, until].filter(isOnTheWay) };
}

function withoutSent<T extends Delayed>({ sent: _, ...rest }: T): T {
  return rest as T;
}

/** The step of the last change of some delays, and the former ones, as kept in a saved state. */
export interface DelayHistory {
  readonly since: number;
  readonly former: readonly {
    readonly delays: number | readonly number[];
    readonly from: number;
    readonly before: number;
  }[];
}

/** The history of delays; null if they have not changed. */
export function historyOf<T extends Delayed>({ present, former }: Delays<T>): DelayHistory | null {
  if (present.sent === undefined) return null;
  return {
    since: present.sent.from,
    former: former.map(({ delays, sent }) => ({
      delays: typeof delays === "number" ? delays : Array.from(delays),
      ...(sent as Required<SentSteps>),
    })),
  };
}

/** Delays with another history. */
export function withHistory<T extends Delayed>({ present }: Delays<T>, history: DelayHistory | null): Delays<T> {
  if (history === null) return { present: withoutSent(present), former: [] };
  return {
    present: { ...present, sent: { from: history.since } },
    former: history.former.map(({ delays, from, before }) => ({
      ...present,
      delays: typeof delays === "number" ? delays : Uint16Array.from(delays),
      sent: { from, before },
    })),
  };
}

/** Tells if a value from elsewhere is a history of the delays of so many synapses. */
export function isHistory(value: unknown, synapses: number): value is DelayHistory | null {
  if (value === null) return true;
  const isWord = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0 && (n as number) < 2 ** 32;
  const isDelay = (n: unknown): boolean => isWord(n) && (n as number) < 2 ** 16;
  const { since, former } = value as Partial<DelayHistory>;
  if (!isWord(since) || !Array.isArray(former)) return false;
  return (former as readonly Partial<DelayHistory["former"][number]>[]).every((past) => {
    if (typeof past !== "object" || past === null || !isWord(past.from) || !isWord(past.before)) return false;
    const { delays } = past;
    return Array.isArray(delays) ? delays.length === synapses && delays.every(isDelay) : isDelay(delays);
  });
}

/** The pathways of a plastic projection, each with the former delays of its spikes. */
export function pathwaysOf({ pathways }: PlasticModel): Delays<PlasticModel["pathways"][number]>[] {
  const present = pathways.filter(({ sent }) => sent?.before === undefined);
  return present.map((pathway) => ({
    present: pathway,
    former: pathways.filter(({ name, sent }) => name === pathway.name && sent?.before !== undefined),
  }));
}

/** Pathways in their order, former delays before the present ones. */
export const joinPathways = (all: readonly Delays<PlasticModel["pathways"][number]>[]) =>
  all.flatMap(({ present, former }) => [...former, present]);
