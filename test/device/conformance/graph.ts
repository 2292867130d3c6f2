import type { Convolution, Pool } from "#spikevine/src/device/contract";
import type { EncoderKernel, NeuronKernel, OptimizerKernel } from "#spikevine/src/equations/kernels/kernels";

/** A node of a network that is a graph; `from` names the nodes before it. The outputs of a node are named like it. */
export type GraphNode =
  | { readonly op: "encode"; readonly width: number; readonly encoder: EncoderKernel }
  | {
      readonly op: "convolution";
      readonly from: string;
      readonly convolution: Convolution;
      /** Columns of the bias: 1, the channels or the units. */
      readonly bias?: number;
      readonly gain?: number;
    }
  | {
      readonly op: "dense";
      readonly from: string;
      readonly units: number;
      readonly bias?: number;
      readonly gain?: number;
    }
  | ({ readonly op: "pool" } & Pick<Pool, "from" | "kind" | "windows" | "scale">)
  | { readonly op: "normalize"; readonly from: string; readonly channels: number }
  | { readonly op: "add"; readonly from: readonly string[]; readonly scale: number }
  | NeuronNode;

export interface NeuronNode {
  readonly op: "neuron";
  readonly from: string;
  readonly neuron: NeuronKernel;
  /** Value of every parameter, and the columns of its tensor if it is trained. */
  readonly parameters: Readonly<Record<string, readonly [value: number, columns?: number]>>;
  readonly recurrent?: boolean;
  /** Probability of keeping a unit (dropout). */
  readonly keep?: number;
  /** Columns of the factor by which the error is multiplied. */
  readonly factor?: number;
  readonly truncate?: number;
}

/**
 * A network as a graph. The last node's outputs, summed over steps, are the read-out; the loss is their scalar product with
 * given numbers, so that the error at every output is one of these numbers.
 */
export interface GraphSpec {
  readonly seed: number;
  readonly batch: number;
  readonly samples: number;
  readonly steps: number;
  /** In order; the first one encodes. */
  readonly nodes: Readonly<Record<string, GraphNode>>;
  readonly updates: number;
  readonly rule: OptimizerKernel;
  /** Values of the rule's uniforms. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Whether every signal can be read; otherwise a device may keep only the read-out. */
  readonly visible: boolean;
}
