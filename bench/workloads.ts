/** A computation, the same for every contestant. */
export interface Workload {
  readonly name: string;
  readonly mode: "train" | "infer";
  /** Dense layers, or the convolutions of `CONVOLUTIONS` with a dense layer above them. */
  readonly connections: "dense" | "convolutions";
  /** Widths from the input to the output: the input's values, then the units of every layer of neurons. */
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly steps: number;
  readonly rule: "sgd" | "adam";
  /** Multiplies every pixel, to vary the density of input spikes. */
  readonly brightness: number;
}

/**
 * `precomputed`: spikes exist before the timed region. `online`: they are drawn from the images inside it. `image`: the first
 * layer receives the image itself, the same at every step.
 */
export type Input = "precomputed" | "online" | "image";

export const inputsOf = ({ connections }: Workload): readonly Input[] =>
  connections === "dense" ? ["precomputed", "online"] : ["image"];

/** `arctan` is never 0; `boxcar` is 0 at a distance of 0.5 and more from the threshold. */
export type Surrogate = "arctan" | "boxcar";

const PIXELS = 784;
export const CLASSES = 10;

/** Side of an image. */
export const SIDE = 28;

/**
 * The convolutions of 12C5-MP2-64C5-MP2-10, the network of snnTorch's tutorial 6: channels below and above, and the sides of
 * the image before the convolution, after it and after the maximum over squares of 2 x 2 pixels.
 */
export const CONVOLUTIONS = [
  { below: 1, channels: 12, side: SIDE, convolved: 24, pooled: 12 },
  { below: 12, channels: 64, side: 12, convolved: 8, pooled: 4 },
] as const;
/** Sides of the windows. */
export const WINDOW = 5;
export const POOL = 2;

export const WORKLOADS: readonly Workload[] = [
  {
    name: "a",
    mode: "train",
    connections: "dense",
    sizes: [PIXELS, 256, 256, 256, CLASSES],
    batch: 64,
    steps: 20,
    rule: "sgd",
    brightness: 1,
  },
  {
    name: "b",
    mode: "infer",
    connections: "dense",
    sizes: [PIXELS, 256, 256, 256, CLASSES],
    batch: 100,
    steps: 300,
    rule: "sgd",
    brightness: 1,
  },
  {
    name: "c",
    mode: "train",
    connections: "dense",
    sizes: [PIXELS, 512, 512, CLASSES],
    batch: 128,
    steps: 25,
    rule: "adam",
    brightness: 1,
  },
  {
    name: "d",
    mode: "train",
    connections: "convolutions",
    sizes: [PIXELS, ...CONVOLUTIONS.map(({ channels, pooled }) => channels * pooled ** 2), CLASSES],
    batch: 128,
    steps: 25,
    rule: "adam",
    brightness: 1,
  },
];

/** The same shape at a size that takes milliseconds on any machine, for tests of the bench itself. */
export const quickly = (workload: Workload): Workload => ({
  ...workload,
  sizes:
    workload.connections === "convolutions"
      ? workload.sizes
      : workload.sizes.map((size, i) => (i === 0 || i === workload.sizes.length - 1 ? size : 32)),
  batch: 8,
  steps: Math.min(workload.steps, 16),
});

export const workloadNamed = (name: string): Workload => {
  const found = WORKLOADS.find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`no workload "${name}"; there are a, b, c and d`);
  return found;
};

/** Weights that connect two layers, summed over the network. */
export const synapses = ({ sizes }: Workload): number =>
  sizes.slice(1).reduce((sum, units, i) => sum + sizes[i]! * units, 0);

/** `784-256-256-256-10, batch 64, 20 steps, training (sgd)`. */
export const describe = ({ connections, sizes, batch, steps, mode, rule }: Workload): string =>
  `${connections === "dense" ? sizes.join("-") : "12C5-MP2-64C5-MP2-10"}, batch ${batch}, ${steps} steps, ${mode === "train" ? `one training step (${rule})` : "inference"}`;

/** Constants of the unit, the same for every contestant. */
export const DECAY = 0.8;
export const THRESHOLD = 1;
/** Decay of the leaky neurons above convolutions; their threshold is not trained. */
export const BETA = 0.5;
export const BOXCAR_WIDTH = 0.5;
export const LEARNING_RATE = { sgd: 1e-3, adam: 1e-4 } as const;
