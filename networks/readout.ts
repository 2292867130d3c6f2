import { fields, type RequiredKind, signature, tagged, text } from "../src/arguments/index.js";

/** Read-out of the output layer. */
export interface Readout {
  readonly name: "count" | "rate" | "lastOutput" | "lastState";
  /** For `lastState`: the state variable of the last layer. */
  readonly state?: string;
}

/** Sum of the outputs over time: the spike count of every output unit. */
export const spikeCount = (): Readout => ({ name: "count" });

/** Mean output over time: spike count / steps. */
export const spikeRate = (): Readout => ({ name: "rate" });

/** Output at the last step: for ordinary units, their activation. */
export const lastOutput = (): Readout => ({ name: "lastOutput" });

/** A state variable (before its reset) at the last step, e.g. the membrane potential `v`. */
export function lastState(state: string): Readout {
  checkLastState([state]);
  return { name: "lastState", state };
}

const checkLastState = signature("lastState", { state: text('the name of a state, e.g. "v"') });

const plain = fields<Omit<Readout, "state">>({ name: text() });

/** A read-out as an argument. */
export const READOUT: RequiredKind = tagged(
  "name",
  {
    count: plain,
    rate: plain,
    lastOutput: plain,
    lastState: fields<Required<Readout>>({ name: text(), state: text() }),
  },
  "a read-out, e.g. spikeCount()",
);
