import { constantCurrent, rate } from "../encoders/index.js";
import {
  convolution,
  dense,
  flatten,
  type Initializer,
  maxPool,
  type Network,
  network,
  neuronLayer,
  spikeRate,
} from "../networks/index.js";
import { arctan, boxcar, leaky, snu } from "../neurons/index.js";
import type { SurrogateDefinition } from "../src/equations/definitions/surrogate.js";
import { preparedTrains } from "./spike-trains.js";
import {
  BETA,
  BOXCAR_WIDTH,
  CLASSES,
  CONVOLUTIONS,
  DECAY,
  type Input,
  POOL,
  SIDE,
  type Surrogate,
  THRESHOLD,
  WINDOW,
  type Workload,
} from "./workloads.js";

/**
 * Weights whose sum over a step's spikes has the standard deviation 0.85 if 13 % of the pixels and 20 % of the hidden units
 * fire: hidden layers then fire at 13 to 20 %. The distribution is uniform, of half-width sqrt(3) deviations.
 */
const firing =
  (density: number): Initializer =>
  (fanIn) =>
    Math.sqrt(3) * (0.85 / Math.sqrt(fanIn * density));

/** The network of a workload, the same for every device; the plain implementation copies its weights. */
export function modelFor(workload: Workload, surrogate: Surrogate, input: Input): Network {
  if (workload.connections === "convolutions") return convolutionalModel(workload, surrogate);
  const unit = snu({
    decay: DECAY,
    threshold: THRESHOLD,
    surrogate: definitionOf(surrogate),
  });
  return network({
    inputs: workload.sizes[0]!,
    encoder: input === "online" ? rate({ maxRate: 1 }) : preparedTrains,
    steps: workload.steps,
    layers: workload.sizes
      .slice(1)
      .map((units, i) => dense(units, unit, { initializer: firing(i === 0 ? 0.13 : 0.2) })),
    readout: spikeRate(),
    seed: 1,
  });
}

const definitionOf = (surrogate: Surrogate): SurrogateDefinition =>
  surrogate === "arctan" ? arctan() : boxcar({ width: BOXCAR_WIDTH });

/** Uniform weights of the half-width 3 / sqrt(fan-in): then the hidden layers fire at 8 to 25 %. */
const wide: Initializer = (fanIn) => 3 / Math.sqrt(fanIn);

/** The maximum is taken over currents, as in snnTorch's tutorial. */
function convolutionalModel({ steps }: Workload, surrogate: Surrogate): Network {
  const unit = leaky({ beta: BETA, threshold: THRESHOLD, surrogate: definitionOf(surrogate) });
  return network({
    inputs: [1, SIDE, SIDE],
    encoder: constantCurrent(),
    steps,
    layers: [
      ...CONVOLUTIONS.flatMap(({ channels }) => [
        convolution(channels, WINDOW, { bias: true, initializer: wide }),
        maxPool(POOL),
        neuronLayer(unit),
      ]),
      flatten(),
      dense(CLASSES, unit, { initializer: wide }),
    ],
    readout: spikeRate(),
    seed: 1,
  });
}
