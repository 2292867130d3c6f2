import type { Loss } from "../../contract.js";
import type { SignalLayout, TensorLayout } from "./layout.js";

/** A compiled plan as plain data that can be sent to worker threads: everything that a thread needs. */
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
  | { readonly axis: "sample"; readonly tasks: readonly SampleWork[] }
  | { readonly axis: "synapse"; readonly tasks: readonly SynapseWork[] };

/** A kernel of the module, or a loss, which is computed in JavaScript. */
export type SampleWork =
  | { readonly kernel: string }
  | {
      readonly loss: Pick<Loss, "loss" | "divisor" | "overSamples">;
      readonly steps: number;
      readonly layouts: LossLayout;
    };

export interface SynapseWork {
  readonly kernel: string;
  readonly items: number;
  readonly grain: number;
}

export interface LossLayout {
  readonly from: SignalLayout;
  readonly target: SignalLayout | undefined;
  readonly gradient: SignalLayout;
  readonly value: SignalLayout;
}

/** Addresses of the program's data, for the host. */
export interface ProgramMap {
  readonly tensors: ReadonlyMap<string, TensorLayout>;
  readonly sampleIds: number;
  readonly procedures: ReadonlyMap<string, ProcedureMap>;
}

export interface ProcedureMap {
  readonly index: number;
  readonly signals: ReadonlyMap<string, SignalLayout>;
  /** Memory for the bits of each input of spikes. */
  readonly inputBits: ReadonlyMap<string, SignalLayout>;
  readonly scalars: ReadonlyMap<string, number>;
}
