import { sumSymbol } from "../../model.js";
import type { Executor } from "../executor.js";
import type { PlasticSynapses } from "./plastic-synapses.js";
import type { NeuronValues } from "./synapse-loops.js";

/** A drive of neurons or a parameter of synapses, and the sums over synapses that it adds up. */
interface SummedDrive {
  readonly values: Float64Array;
  readonly into: NeuronValues;
  readonly sums: { readonly projection: PlasticSynapses; readonly index: number }[];
}

/** The sums over synapses of all projections. */
export class SynapseSums {
  readonly #drives: readonly SummedDrive[];

  /**
   * @param all By their index in the model.
   * @param projections Those whose sums count.
   */
  constructor(executor: Executor, all: ReadonlyMap<number, PlasticSynapses>, projections: readonly PlasticSynapses[]) {
    const drives = new Map<string, SummedDrive>();
    for (const projection of projections) {
      projection.model.sums.forEach(({ side, variable, plastic }, index) => {
        const population = projection.model[side];
        const key = `${population}:${variable}`;
        const into =
          plastic === undefined ? executor.drive(population, sumSymbol(variable)) : all.get(plastic)!.row(variable);
        if (!drives.has(key)) drives.set(key, { values: new Float64Array(into.length), into, sums: [] });
        drives.get(key)!.sums.push({ projection, index });
      });
    }
    this.#drives = [...drives.values()];
  }

  /** Computes the sums from the current values and writes them to the neurons' inputs. */
  compute(): void {
    for (const { values, into, sums } of this.#drives) {
      values.fill(0);
      for (const { projection, index } of sums) projection.addUp(index, values);
      into.set(values);
    }
  }
}
