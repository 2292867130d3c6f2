import {
  constantCurrent,
  dense,
  glorotUniform,
  heUniform,
  lastOutput,
  linear,
  type Network,
  network,
  rate,
  relu,
  snu,
  spikeCount,
  spikeRate,
  ssnu,
  tanh,
} from "spikevine";

export type Unit = "relu" | "tanh" | "snu" | "ssnu";

export interface ClassifierSettings {
  readonly unit: Unit;
  /** Units of every hidden layer. */
  readonly hidden: readonly number[];
  /** Probability of dropping a hidden unit. */
  readonly dropout: number;
}

/**
 * The paper's networks. ReLU and tanh: one step, no biases, a softmax output (in the loss), the initial weights of the
 * authors' code. SNU and sSNU: 20 steps of rate-coded pixels, Glorot weights, a trained threshold for every unit; the
 * soft unit has the identity for its activation, since with relu it dies at any learning rate that moves it.
 */
export function classifier({ unit, hidden, dropout }: ClassifierSettings, inputs: number, seed: number): Network {
  const shape = { inputs, seed };
  if (unit === "snu" || unit === "ssnu") {
    const neuron = unit === "snu" ? snu({ decay: 0.8 }) : ssnu({ decay: 0.8, activation: "identity" });
    return network({
      ...shape,
      encoder: rate({ maxRate: unit === "snu" ? 0.5 : 1 }),
      steps: 20,
      layers: [...hidden, 10].map((units) => dense(units, neuron, { initializer: glorotUniform })),
      readout: unit === "snu" ? spikeRate() : spikeCount(),
    });
  }
  const neuron = unit === "relu" ? relu() : tanh();
  const initializer = unit === "relu" ? heUniform : glorotUniform;
  return network({
    ...shape,
    encoder: constantCurrent(),
    steps: 1,
    layers: [
      ...hidden.map((units) => dense(units, neuron, { dropout, initializer })),
      dense(10, linear(), { initializer }),
    ],
    readout: lastOutput(),
  });
}
