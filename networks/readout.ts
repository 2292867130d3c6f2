/** What a network says, read from its last layer. */
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
export const lastState = (state: string): Readout => ({ name: "lastState", state });
