import type { Loss } from "../../contract.js";
import type { SignalPlace, TensorPlace } from "./layout.js";

/** A compiled plan as plain data that can be sent to worker threads; everything a thread needs to take part. */
export interface ProgramImage {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly threads: number;
  /** Scratch memory of thread i starts at `address + i * bytes`. */
  readonly scratch: { readonly address: number; readonly bytes: number };
  readonly procedures: readonly ProcedureImage[];
}

export interface ProcedureImage {
  readonly name: string;
  readonly blockSamples: number;
  readonly phases: readonly PhaseImage[];
}

export type PhaseImage =
  | { readonly axis: "sample"; readonly steps: readonly SampleWork[] }
  | { readonly axis: "synapse"; readonly steps: readonly SynapseWork[] };

/** A kernel of the module, or a loss, which is computed in JavaScript. */
export type SampleWork =
  | { readonly kernel: string }
  | { readonly loss: Pick<Loss, "loss" | "reduction">; readonly places: LossPlaces };

export interface SynapseWork {
  readonly kernel: string;
  readonly items: number;
  readonly grain: number;
}

export interface LossPlaces {
  readonly from: SignalPlace;
  readonly target: SignalPlace;
  readonly gradient: SignalPlace;
  readonly value: SignalPlace;
}

/** Where the host finds things in the memory. */
export interface ProgramMap {
  readonly tensors: ReadonlyMap<string, TensorPlace>;
  readonly sampleIds: number;
  readonly procedures: ReadonlyMap<string, ProcedureMap>;
}

export interface ProcedureMap {
  readonly index: number;
  readonly signals: ReadonlyMap<string, SignalPlace>;
  readonly scalars: ReadonlyMap<string, number>;
}
