import type { Operation, Program, TensorSpec } from "../../device/contract.js";
import { SpikevineError } from "../../errors.js";
import { gradientOf } from "../plan/backward.js";

/** Procedure that sums the squares of every gradient, each into its own tensor. */
export const GRADIENT_SQUARES = "gradientSquares";

const squaresOf = (parameter: string): string => `${gradientOf(parameter)}.squares`;

/** Sums of squares of the gradients of the trained arrays, and the tensors that they need. */
export function gradientSquares(names: readonly string[]): {
  readonly operations: readonly Operation[];
  readonly tensors: Readonly<Record<string, TensorSpec>>;
} {
  return {
    operations: names.map((name) => ({ op: "reduce", kind: "squares", from: gradientOf(name), to: squaresOf(name) })),
    tensors: Object.fromEntries(names.map((name) => [squaresOf(name), { rows: 1, columns: 1 }])),
  };
}

/**
 * Detects layers with trained arrays whose gradients are all exactly 0, batch after batch of an epoch. A layer with any other gradient is
 * not checked again in the epoch, so an ordinary epoch costs one check.
 */
export class ZeroGradients {
  #dead: readonly string[];

  constructor(
    /** Names of the trained arrays. */
    private readonly trained: readonly string[],
    private readonly program: Program,
  ) {
    this.#dead = [...new Set(trained.map((name) => name.split(".")[0]!))];
  }

  /** Layers whose gradients have all been 0 in this epoch. */
  get layers(): readonly string[] {
    return this.#dead;
  }

  /** Checks the gradients of the last update. */
  async look(): Promise<void> {
    if (this.#dead.length === 0) return;
    await this.program.run(GRADIENT_SQUARES, { samples: 1 });
    const dead: string[] = [];
    for (const layer of this.#dead) if (await this.#isZero(layer)) dead.push(layer);
    this.#dead = dead;
  }

  async #isZero(layer: string): Promise<boolean> {
    for (const name of this.trained) {
      if (!name.startsWith(`${layer}.`)) continue;
      const [squares] = await this.program.readTensor(squaresOf(name));
      if (squares !== 0) return false;
    }
    return true;
  }
}

/** Causes of zero gradients, and suggestions. */
const ADVICE =
  "its units or those of later layers do not fire, or all currents are negative: give it more input (larger initial weights, a higher maxRate), lower the threshold, or leave initializer out";

/** A sentence for a warning. */
export const zeroGradientWarning = (layers: readonly string[], epoch: number): string =>
  `every gradient of ${layers.join(", ")} is exactly 0 in the first batch of epoch ${epoch}, so it learns nothing; ${ADVICE}.`;

/** The error that stops a training. */
export const zeroGradientError = (layers: readonly string[], epoch: number): SpikevineError =>
  new SpikevineError(
    `train: every gradient of ${layers.join(", ")} was exactly 0 in all of epoch ${epoch}, so it learns nothing; ${ADVICE}, or continue with onZeroGradient: "continue".`,
  );
