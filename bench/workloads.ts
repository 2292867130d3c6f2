/** A computation, the same for every contestant. */
export interface Workload {
  readonly name: string;
  readonly mode: "train" | "infer";
  /** Widths from the input to the output. */
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly steps: number;
  readonly rule: "sgd" | "adam";
  /** Multiplies every pixel, to vary the density of input spikes. */
  readonly brightness: number;
}

/** `precomputed`: spikes exist before the timed region. `online`: they are drawn from the images inside it. */
export type Input = "precomputed" | "online";

/** `arctan` is never 0; `boxcar` is 0 at a distance of 0.5 and more from the threshold. */
export type Surrogate = "arctan" | "boxcar";

const PIXELS = 784;
const CLASSES = 10;

export const WORKLOADS: readonly Workload[] = [
  {
    name: "a",
    mode: "train",
    sizes: [PIXELS, 256, 256, 256, CLASSES],
    batch: 64,
    steps: 20,
    rule: "sgd",
    brightness: 1,
  },
  {
    name: "b",
    mode: "infer",
    sizes: [PIXELS, 256, 256, 256, CLASSES],
    batch: 100,
    steps: 300,
    rule: "sgd",
    brightness: 1,
  },
  { name: "c", mode: "train", sizes: [PIXELS, 512, 512, CLASSES], batch: 128, steps: 25, rule: "adam", brightness: 1 },
];

/** The same shape at a size that takes milliseconds on any machine, for tests of the bench itself. */
export const quickly = (workload: Workload): Workload => ({
  ...workload,
  sizes: workload.sizes.map((size, i) => (i === 0 || i === workload.sizes.length - 1 ? size : 32)),
  batch: 8,
  steps: Math.min(workload.steps, 16),
});

export const workloadNamed = (name: string): Workload => {
  const found = WORKLOADS.find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`no workload "${name}"; there are a, b and c`);
  return found;
};

/** Weights that connect two layers, summed over the network. */
export const synapses = ({ sizes }: Workload): number =>
  sizes.slice(1).reduce((sum, units, i) => sum + sizes[i]! * units, 0);

/** `784-256-256-256-10, batch 64, 20 steps, training (sgd)`. */
export const describe = ({ sizes, batch, steps, mode, rule }: Workload): string =>
  `${sizes.join("-")}, batch ${batch}, ${steps} steps, ${mode === "train" ? `one training step (${rule})` : "inference"}`;

/** Constants of the unit, the same for every contestant. */
export const DECAY = 0.8;
export const THRESHOLD = 1;
export const BOXCAR_WIDTH = 0.5;
export const LEARNING_RATE = { sgd: 1e-3, adam: 1e-4 } as const;
