import { rate } from "../encoders/index.js";
import { dense, type Initializer, type Network, network, spikeRate } from "../networks/index.js";
import { arctan, boxcar, snu } from "../neurons/index.js";
import { preparedTrains } from "./spike-trains.js";
import { BOXCAR_WIDTH, DECAY, type Input, type Surrogate, THRESHOLD, type Workload } from "./workloads.js";

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
  const unit = snu({
    decay: DECAY,
    threshold: THRESHOLD,
    surrogate: surrogate === "arctan" ? arctan() : boxcar({ width: BOXCAR_WIDTH }),
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
