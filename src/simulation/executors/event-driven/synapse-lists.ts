/** The synapses of each neuron of one side, by delay. */
export interface SynapseLists {
  /** Ascending. */
  readonly delays: readonly number[];
  /** Those of neuron i with delay number d are at `start[i * delays.length + d]` up to the next start. */
  readonly start: Uint32Array;
  readonly synapses: Uint32Array;
}

/**
 * Sorts synapses by their neuron on one side, then by delay; otherwise they stay in order.
 * @param neurons The neuron of each synapse.
 * @param size Number of neurons.
 */
export function listSynapses(
  neurons: Uint16Array | Uint32Array,
  size: number,
  delays: number | Uint16Array,
): SynapseLists {
  const distinct = typeof delays === "number" ? [delays] : [...new Set(delays)].sort((a, b) => a - b);
  const number = new Map(distinct.map((delay, d) => [delay, d]));
  const place = (s: number): number =>
    neurons[s]! * distinct.length + (typeof delays === "number" ? 0 : number.get(delays[s]!)!);
  const start = new Uint32Array(size * distinct.length + 1);
  for (let s = 0; s < neurons.length; s++) start[place(s) + 1]!++;
  for (let at = 1; at < start.length; at++) start[at]! += start[at - 1]!;
  const next = start.slice();
  const synapses = new Uint32Array(neurons.length);
  for (let s = 0; s < neurons.length; s++) synapses[next[place(s)]!++] = s;
  return { delays: distinct, start, synapses };
}
