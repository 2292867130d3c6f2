import type { Input, Surrogate, Workload } from "../workloads.js";

/** Contestant: the plain implementation, or the package on one of its devices. */
export interface Job {
  readonly by: "plain" | "spikevine";
  readonly workload: Workload;
  readonly surrogate: Surrogate;
  readonly input: Input;
  /** Device of `spikevine`. */
  readonly device: string;
  readonly threads: number;
}

/** A prepared workload: everything that is not part of a step is done. */
export interface Contestant {
  /** One training step, or one inference of a whole presentation. `k` is its index, from 0. */
  step(k: number): Promise<void>;
  /** Name of the executor that runs. */
  readonly executor: string;
  close(): Promise<void>;
}
