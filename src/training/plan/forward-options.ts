import type { InputForm } from "../loop/check-input.js";
import type { NeighborhoodAggregation } from "../neighborhood/neighborhood-aggregation.js";

/** Settings of a forward pass. */
export interface ForwardOptions {
  steps: number;
  /** Values of every step that are kept: those that the adjoint needs, all (for monitors), or none. */
  store: "adjoint" | "all" | "none";
  /** Further states of a layer that are kept, for losses. */
  states?(layer: string): readonly string[];
  /** Draws dropout masks (training only). */
  dropout: boolean;
  /** Statistics of normalizations. Default: those of the batch if dropout is drawn, else the running ones. */
  statistics?: "batch" | "running";
  /** True for a normalization whose running statistics stay as they are. */
  isFrozen?(layer: string): boolean;
  /** Standard deviation of the noise on the current of every layer, if any. */
  noise?: number;
  /** Carries states from run to run, so that a long presentation can be split into several runs. */
  stream: boolean;
  /** Gradients of spikes by neighborhood aggregation, for a pass that is followed by a backward pass. */
  neighborhood?: NeighborhoodAggregation;
  /** Form of the samples. Default: still images. */
  input?: InputForm;
}

/** True if the host reads the activity of a procedure. */
export const visible = (options: ForwardOptions): "result" | "scratch" =>
  options.store === "all" ? "result" : "scratch";
