import type { Input, Surrogate, Workload } from "../workloads.js";

/** Who does the work: the plain implementation, or the package on one of its devices. */
export interface Job {
  readonly by: "plain" | "spikevine";
  readonly workload: Workload;
  readonly surrogate: Surrogate;
  readonly input: Input;
  /** Of `spikevine`. */
  readonly device: string;
  readonly threads: number;
}

/** A workload made ready: everything that is not part of a step has been done. */
export interface Contestant {
  /** One training step, or one inference of a whole presentation. `k` counts them from 0. */
  step(k: number): Promise<void>;
  /** What really runs. */
  readonly executor: string;
  close(): Promise<void>;
}
