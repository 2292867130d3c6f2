import type { Readout } from "../networks/readout.js";
import { fields, type RequiredKind, signature, tagged, text } from "../src/arguments/index.js";

/** The output of every step. */
export interface EveryOutput {
  readonly name: "everyOutput";
}

/** A state variable, before its reset, at every step. */
export interface EveryState {
  readonly name: "everyState";
  readonly state: string;
}

/** The numbers that a loss reads: a read-out, or a value of every step. */
export type LossInput = Readout | EveryOutput | EveryState;

/** The output of a layer at every step: spikes as 0 and 1. */
export const everyOutput = (): EveryOutput => ({ name: "everyOutput" });

/** A state variable of a layer, before its reset, at every step, e.g. the membrane potential `v`. */
export function everyState(state: string): EveryState {
  checkEveryState([state]);
  return { name: "everyState", state };
}

const checkEveryState = signature("everyState", { state: text('the name of a state, e.g. "v"') });

const plain = fields<Pick<LossInput, "name">>({ name: text() });
const ofState = fields<EveryState>({ name: text(), state: text('the name of a state, e.g. "v"') });

/** The input of a loss as an argument. */
export const LOSS_INPUT: RequiredKind = tagged(
  "name",
  { count: plain, rate: plain, lastOutput: plain, lastState: ofState, everyOutput: plain, everyState: ofState },
  'a read-out or the values of every step, e.g. spikeRate() or everyState("v")',
);

/** True if a loss reads a value of every step. */
export const isOfEveryStep = (input: LossInput): input is EveryOutput | EveryState => input.name.startsWith("every");
