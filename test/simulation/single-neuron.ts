import type { NeuronDefinition } from "#spikevine/neurons/index";
import { type ExternalInput, type PopulationOptions, simulation } from "#spikevine/src/simulation/index";

/** One neuron by the plain executor: its spike times and the course of one state. */
export async function runNeuron(
  neuron: NeuronDefinition,
  input: ExternalInput,
  duration: string,
  { dt = "0.1 ms", variable = "v", ...options }: PopulationOptions & { dt?: string; variable?: string } = {},
): Promise<{ spikes: number[]; trace: Float64Array; end: number }> {
  const sim = simulation({ dt, executor: "javascript" });
  const cell = sim.population("cell", 1, neuron, options);
  sim.input(cell, input);
  const spikes = sim.monitor.spikes(cell);
  const state = sim.monitor.state(cell, variable);
  await sim.run(duration);
  return { spikes: [...spikes.times], trace: state.values, end: sim.state(cell, variable)[0]! };
}

/** Times between one spike and the next. */
export const gaps = (spikes: readonly number[]): number[] => spikes.slice(1).map((time, k) => time - spikes[k]!);
