import { fields, optional, type RequiredKind, signature, tagged, text, whole } from "../src/arguments/index.js";

/** Read-out of the output layer. */
export interface Readout {
  readonly name: "count" | "rate" | "lastOutput" | "lastState";
  /** For `lastState`: the state variable of the last layer. */
  readonly state?: string;
  /** For `count` and `rate`: the number of classes, whose units are summed. Left out: every unit is a class. */
  readonly classes?: number;
}

export interface ReadoutOptions {
  /**
   * Number of classes. The output layer has as many units for each of them; those of the first class come first. Their values
   * are summed. Default: every unit is a class.
   */
  readonly classes?: number;
}

const POPULATION = fields<ReadoutOptions>({ classes: optional(whole(1)) }, { root: "options" });
const checkCount = signature("spikeCount", { options: optional(POPULATION) });
const checkRate = signature("spikeRate", { options: optional(POPULATION) });

/**
 * Sum of the outputs over time: the spike count of every output unit, or of all units of a class (population coding).
 * @throws SpikevineError for an unknown option, or a number of classes that is not a whole number of at least 1.
 */
export function spikeCount(options: ReadoutOptions = {}): Readout {
  checkCount([options]);
  return { name: "count", ...options };
}

/**
 * Mean output over time: spike count / steps, of every output unit, or summed over the units of a class (population coding).
 * @throws SpikevineError as `spikeCount`.
 */
export function spikeRate(options: ReadoutOptions = {}): Readout {
  checkRate([options]);
  return { name: "rate", ...options };
}

/** Output at the last step: for ordinary units, their activation. */
export const lastOutput = (): Readout => ({ name: "lastOutput" });

/** A state variable (before its reset) at the last step, e.g. the membrane potential `v`. */
export function lastState(state: string): Readout {
  checkLastState([state]);
  return { name: "lastState", state };
}

const checkLastState = signature("lastState", { state: text('the name of a state, e.g. "v"') });

const summed = fields<Omit<Readout, "state">>({ name: text(), classes: optional(whole(1)) });

/** A read-out as an argument. */
export const READOUT: RequiredKind = tagged(
  "name",
  {
    count: summed,
    rate: summed,
    lastOutput: fields<Pick<Readout, "name">>({ name: text() }),
    lastState: fields<Required<Omit<Readout, "classes">>>({ name: text(), state: text() }),
  },
  "a read-out, e.g. spikeCount()",
);
