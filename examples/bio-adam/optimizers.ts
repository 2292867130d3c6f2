import { adam, bioAdam, momentum, type OptimizerDefinition, rmsprop } from "spikevine";

export const OPTIMIZERS = ["SGD, momentum", "RMSprop", "Adam", "Bio-Adam"] as const;

export interface OptimizerSettings {
  readonly optimizer: (typeof OPTIMIZERS)[number];
  readonly learningRate: number;
  /** Time constants in updates. */
  readonly tauM: number;
  readonly tauRho: number;
  readonly rhoRest: number;
}

/** Algorithm 1 of the paper, with the resting level that it has for spiking networks. */
export const DEFAULT_CONSTANTS = { tauM: 10, tauRho: 1000, rhoRest: 1e6 } as const;

/** beta = 1 - 1 / tau: the decay of Adam that corresponds to a time constant of Bio-Adam. */
const beta = (tau: number): number => 1 - 1 / tau;

/**
 * The optimizers of Yang and Li 2022 (arXiv 2212.09440), without bias correction (appendix A.1.2). tau_m is the memory of the
 * gradient, tau_rho that of its size, 1 / rho_rest the epsilon of RMSprop and Adam.
 */
export function optimizerOf(settings: OptimizerSettings): OptimizerDefinition {
  const { optimizer, learningRate, tauM, tauRho, rhoRest } = settings;
  const epsilon = 1 / rhoRest;
  switch (optimizer) {
    case "SGD, momentum":
      return momentum({ learningRate, momentum: beta(tauM) });
    case "RMSprop":
      return rmsprop({ learningRate, decay: beta(tauRho), epsilon });
    case "Adam":
      return adam({ learningRate, beta1: beta(tauM), beta2: beta(tauRho), epsilon, biasCorrection: false });
    case "Bio-Adam":
      return bioAdam({ learningRate, tauM, tauRho, rhoRest });
  }
}
