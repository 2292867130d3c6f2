import type { Network } from "../../../networks/network.js";
import { SpikevineError } from "../../errors.js";
import type { StateTensor, TrainingSnapshot } from "./snapshot.js";

/** Prefix of the names of these arrays in a snapshot; no layer has this name. */
const PREFIX = "best.";

/** Copies of a network's arrays after the best epoch so far. They are part of a snapshot. */
export class BestArrays {
  #kept: ReadonlyMap<string, Float32Array> | undefined;

  /** @throws SpikevineError if the snapshot to resume from has completed epochs, but no arrays of the best of them. */
  constructor(
    private readonly network: Network,
    resume: TrainingSnapshot | undefined,
  ) {
    if (resume === undefined || resume.progress.reports.length === 0) return;
    const kept = new Map<string, Float32Array>();
    for (const [name, { data }] of network.parameters) {
      const tensor = resume.tensors.get(PREFIX + name);
      if (tensor?.data.length !== data.length) {
        throw new SpikevineError(
          `train: keepBest is true, but the snapshot to resume from does not hold ${name} of its best epoch; resume without keepBest, or start again.`,
        );
      }
      kept.set(name, tensor.data);
    }
    this.#kept = kept;
  }

  /** Copies the network's arrays; the epoch that has just ended is the best. */
  keep(): void {
    this.#kept = new Map([...this.network.parameters].map(([name, { data }]) => [name, data.slice()]));
  }

  /** Puts the copies into the network, if an epoch has been completed. */
  restore(): void {
    for (const [name, values] of this.#kept ?? []) this.network.parameters.get(name)!.data.set(values);
  }

  /** The copies as tensors of a snapshot. */
  get tensors(): Map<string, StateTensor> {
    const { parameters } = this.network;
    return new Map(
      [...(this.#kept ?? [])].map(([name, data]) => {
        const { rows, columns } = parameters.get(name)!;
        return [PREFIX + name, { rows, columns, data }];
      }),
    );
  }
}
