import type { Dataset } from "../src/data/dataset.js";
import type { EncoderDefinition } from "../src/equations/definitions/encoder.js";
import { fansOf, type Graph, type MapNode, mapsOf, type NeuronNode, type NormalizeNode } from "./graph.js";
import { glorotUniform, type Initializer } from "./initializer.js";
import { inputMoments } from "./input-moments.js";
import { momentsAfter, readerOf, readsNeurons } from "./moments.js";
import { type Moments, operatingPoint, type Response, responseOf } from "./operating-point.js";

/** The distribution of a layer's initial weights: uniform around a mean. */
export interface WeightDistribution {
  readonly halfWidth: Initializer;
  readonly mean: number;
  /** True if the deviations of a unit's incoming weights add up to 0. */
  readonly balanced: boolean;
  /** Half-width of the recurrent weights, around 0. */
  readonly recurrent: Initializer;
  /**
   * The unit in which an optimizer measures the weights where its learning rate is the default, a power of 2: one step of
   * `adam()` changes the current by at most `largestChange` of its size, over the number of layers.
   */
  readonly scale: number;
}

/** Starting point of a network: distributions of its weights, and gains of its normalizations. */
export interface InitialDistributions {
  readonly weights: ReadonlyMap<MapNode, WeightDistribution>;
  readonly gains: ReadonlyMap<NormalizeNode, number>;
}

interface Chain extends Graph {
  readonly encoder: EncoderDefinition;
  readonly steps: number;
  /** ms */
  readonly dt: number;
  /** Samples that represent the input. Left out: images of strokes. */
  readonly data?: Dataset | undefined;
}

/** Largest number of simulated steps of a presentation. */
const MOST_STEPS = 64;
/**
 * Least variance of inputs, in squares of their mean, for weights that let only their differences through. Smaller differences
 * are rounding errors, which such weights would blow up.
 */
const LEAST_DIFFERENCE = 1e-4;

/** Fraction of a current's variance that comes from recurrent weights (Rossbroich et al. 2022 have 1 - alpha = 0.1). */
const RECURRENT_FRACTION = 0.1;
/**
 * What a layer's place asks of its weights. All were found on held-out training samples of Fashion-MNIST and synthetic digits.
 */
interface Place {
  /** Rate at which its spiking neurons start, spikes per step. */
  readonly rate: number;
  /** Mean of a unit's current, in standard deviations. */
  readonly drive: number;
  /**
   * Part of a unit's current that an update may change in a network of one layer. Changes of all layers add up, so each layer
   * of a deep network gets its share.
   */
  readonly largestChange: number;
}

/**
 * A layer that reads the encoder. Its spiking neurons have no drive, so that the number of lit pixels does not determine how
 * many of them fire.
 */
const FIRST = { rate: 0.16, largestChange: 0.6 };
/**
 * A layer between neurons. A smaller rate leaves the next layer few spikes to tell samples apart. A larger drive makes all
 * units follow the common activity of the previous layer, and differences between samples are lost from layer to layer.
 */
const HIDDEN: Place = { rate: 0.16, drive: 0.5, largestChange: 0.6 };
/**
 * The output layer. Large differences of the first outputs would be confident wrong answers, whose correction can silence the
 * layer; a large drive makes them small. The unit of the change is the standard deviation, which is small here.
 */
const OUTPUT: Place = { rate: 0.08, drive: 3, largestChange: 0.3 };
/** Step of Adam that makes it. */
const USUAL_STEP = 0.001;

/**
 * Distributions of the initial weights of all layers. A layer with an initializer of its own uses its distribution. Any other
 * layer gets weights that make it fire: from the first layer on, its neuron is simulated on random currents with the
 * moments of the previous layer's output, and the weights are scaled so that it works at its operating point. Rate and mean
 * current at this point depend on the layer's place in the network. From the second layer on, the random components of a unit's weights add up to 0. The
 * common activity of the previous layer then excites a unit, and differences in it distinguish samples (except after a
 * single unit). Neurons without an operating point have Glorot's distribution.
 *
 * A normalization takes the size of the weights before it away. Its gain is 1, unless the spiking neurons that receive it would
 * then hardly fire or fire nearly always: it then has the size of the current at their operating point.
 *
 * Source of fluctuation-driven initialization: J. Rossbroich, J. Gygax and F. Zenke, Neuromorphic Computing
 * and Engineering 2 (2022).
 */
export function initialDistributions(chain: Chain): InitialDistributions {
  const { nodes, dt } = chain;
  const maps = mapsOf(chain);
  if (maps.every(({ initializer }) => initializer !== undefined)) {
    return { weights: new Map(maps.map((map) => [map, givenDistribution(map)])), gains: new Map() };
  }
  const steps = Math.min(chain.steps, MOST_STEPS);
  const weights = new Map<MapNode, WeightDistribution>();
  const gains = new Map<NormalizeNode, number>();
  const responses = new Map<NeuronNode, Response>();
  const respond = (node: NeuronNode): Response => {
    const response = responses.get(node) ?? responseOf(node.neuron, { steps, dt });
    responses.set(node, response);
    return response;
  };
  const moments: Moments[] = [];
  for (const [index, node] of nodes.entries()) {
    if (node.kind === "input") {
      moments.push(inputMoments(chain, steps));
    } else if (node.kind === "neurons") {
      moments.push(respond(node)(moments[node.from]!));
    } else if (node.kind === "map") {
      const below = moments[node.from]!;
      const reader = node.initializer === undefined ? readerOf(nodes, index) : undefined;
      const distribution =
        reader === undefined
          ? givenDistribution(node)
          : firingLaw(reader.neurons, (current) => respond(reader.neurons)(reader.through(current, moments)), below, {
              fanIn: node.rows,
              depth: maps.length,
              isHidden: readsNeurons(nodes, node.from),
              isOutput: reader.neurons === nodes.at(-1),
            });
      weights.set(node, distribution);
      moments.push(currentOf(distribution, below, fansOf(node)));
    } else {
      const after = momentsAfter(node, nodes, moments);
      const reader = node.kind === "normalize" ? readerOf(nodes, index) : undefined;
      if (node.kind !== "normalize" || reader === undefined) moments.push(after);
      else {
        const response = (current: Moments): Moments => respond(reader.neurons)(reader.through(current, moments));
        const gain = gainOf(reader.neurons, response, after);
        gains.set(node, gain);
        moments.push(scaledMoments(after, gain));
      }
    }
  }
  return { weights, gains };
}

const scaledMoments = ({ mean, constant, changing }: Moments, factor: number): Moments => ({
  mean: factor * mean,
  constant: factor ** 2 * constant,
  changing: factor ** 2 * changing,
});

/** Times the rate at an operating point that spiking neurons after a normalization may fire more or less with a gain of 1. */
const USUAL_RATES = 4;

/** The gain of a normalization whose output, at a gain of 1, has these moments. */
function gainOf({ neuron }: NeuronNode, response: Response, normalized: Moments): number {
  if (neuron.output !== "spikes") return 1;
  const { rate } = FIRST;
  const fired = response(normalized).mean;
  if (fired >= rate / USUAL_RATES && fired <= rate * USUAL_RATES) return 1;
  return operatingPoint(neuron, response, rate, (size) => scaledMoments(normalized, size)) ?? 1;
}

function givenDistribution({ initializer = glorotUniform }: Pick<MapNode, "initializer">): WeightDistribution {
  return { halfWidth: initializer, mean: 0, balanced: false, recurrent: initializer, scale: 1 };
}

function firingLaw(
  layer: NeuronNode,
  response: Response,
  below: Moments,
  { fanIn, depth, isHidden, isOutput }: { fanIn: number; depth: number; isHidden: boolean; isOutput: boolean },
): WeightDistribution {
  const differs = below.constant + below.changing > LEAST_DIFFERENCE * below.mean ** 2;
  const balanced = isHidden && fanIn > 1 && differs;
  const { rate, drive, largestChange } = placeOf(layer, isHidden, isOutput);
  const perSynapse = secondMoment(below, balanced);
  const constant = below.constant + (balanced ? 0 : below.mean ** 2);
  const current = (size: number): Moments => ({
    mean: drive * size,
    constant: (size ** 2 * constant) / perSynapse,
    changing: (size ** 2 * below.changing) / perSynapse,
  });
  const isDriven = perSynapse > 0 && below.mean > 0;
  const size = isDriven ? operatingPoint(layer.neuron, response, rate, current) : undefined;
  if (size === undefined) return givenDistribution({ initializer: undefined });
  const width =
    (deviation: number, moment: number): Initializer =>
    (fan) =>
      Math.sqrt(3 / (fan * moment)) * deviation;
  const output = response(current(size));
  // Mean current of a unit if each of its weights is 1.
  const drivePerWeight = fanIn * below.mean;
  return {
    halfWidth: width(size, perSynapse),
    mean: (drive * size) / drivePerWeight,
    balanced,
    recurrent: width(size * Math.sqrt(RECURRENT_FRACTION), secondMoment(output, false)),
    scale: 2 ** Math.round(Math.log2(((largestChange / depth) * size) / (USUAL_STEP * drivePerWeight))),
  };
}

function placeOf({ neuron }: NeuronNode, isHidden: boolean, isOutput: boolean): Place {
  if (isHidden) return isOutput ? OUTPUT : HIDDEN;
  if (isOutput) return { ...OUTPUT, largestChange: FIRST.largestChange };
  return { ...FIRST, drive: neuron.output === "values" ? 1 : 0 };
}

/** Variance of a current per variance of a weight and synapse. With balanced weights, only differences between inputs count. */
const secondMoment = ({ mean, constant, changing }: Moments, balanced: boolean): number =>
  constant + changing + (balanced ? 0 : mean ** 2);

/** Moments of the current for weights of a distribution and the previous layer's outputs. */
function currentOf(
  { halfWidth, mean, balanced }: WeightDistribution,
  below: Moments,
  [fanIn, fanOut]: readonly [number, number],
): Moments {
  const variance = (fanIn * halfWidth(fanIn, fanOut) ** 2) / 3;
  const constant = below.constant + (balanced ? 0 : below.mean ** 2);
  return { mean: mean * fanIn * below.mean, constant: variance * constant, changing: variance * below.changing };
}
