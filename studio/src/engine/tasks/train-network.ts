import { type EpochReport, evaluate, type Network, openDevice, train } from "spikevine";
import type { TrainSettings } from "../../train/settings.js";
import { type Samples, samplesOf } from "../datasets.js";
import type { TaskContext } from "../messages.js";
import { buildNetwork, buildOptimizer, type Weights } from "../networks.js";

export interface TrainJob {
  readonly settings: TrainSettings;
  readonly own?: Samples;
  readonly threads: number;
  /** Starts paused before the second batch, for going on batch by batch. */
  readonly stepping: boolean;
}

/** A layer of weights. */
export interface LayerShape {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
}

export type TrainEvent =
  | {
      readonly kind: "begin";
      readonly device: string;
      readonly samples: number;
      readonly layers: readonly LayerShape[];
      readonly inputShape: Network["inputShape"];
      readonly parameters: number;
      readonly weights: Weights;
    }
  | { readonly kind: "batches"; readonly batches: readonly BatchFigures[]; readonly samplesPerSecond: number }
  | { readonly kind: "weights"; readonly updates: number; readonly weights: Weights; readonly paused: boolean }
  | { readonly kind: "epoch"; readonly report: EpochReport }
  | { readonly kind: "warning"; readonly sentence: string };

/** Figures of one batch. */
export interface BatchFigures {
  /** Epochs since the start, with a fraction. */
  readonly at: number;
  readonly loss: number;
  readonly accuracy: number;
}

export interface TrainOutcome {
  readonly accuracy: number;
  readonly loss: number;
  readonly stopped: boolean;
  readonly updates: number;
  readonly seconds: number;
  readonly weights: Weights;
}

/** Time between two reports to the page, for 30 pictures per second. */
const FRAME_MS = 33;
/** Time between two copies of the weights, and by which it grows with the cost of a copy. */
const WEIGHTS_MS = 500;
const COPIES_SHARE = 0.03;

/** Trains a network and reports batches, and from time to time its weights. Commands: pause, resume, step. */
export async function trainNetwork(
  { settings, own, threads, stepping }: TrainJob,
  { emit, signal, onCommand }: TaskContext<TrainEvent>,
): Promise<TrainOutcome> {
  const { train: data, test } = samplesOf(settings, own);
  const net = buildNetwork(settings, data);
  const optimizer = buildOptimizer(settings);
  const pause = new Pause(stepping, signal);
  onCommand((command) => pause.command(command));
  const { device } = await openDevice(settings.device, settings.device === "reference" ? {} : { threads });
  const began = performance.now();
  try {
    emit({
      kind: "begin",
      device: device.report.executor,
      samples: data.count,
      layers: layersOf(net),
      inputShape: net.inputShape,
      parameters: [...net.parameters.values()].reduce((sum, { data: values }) => sum + values.length, 0),
      weights: arraysOf(net),
    });
    const figures = new Figures(settings.batchSize, data.count);
    let reported = 0;
    let copied = 0;
    let copyEvery = WEIGHTS_MS;
    const result = await train(net, {
      data,
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      optimizer,
      device,
      seed: settings.seed,
      signal,
      onWarning: (sentence) => emit({ kind: "warning", sentence }),
      onBatch(report) {
        figures.add(report);
        const now = performance.now();
        if (!pause.isDue && now - reported < FRAME_MS && report.batch < report.batches) return;
        reported = now;
        emit({ kind: "batches", batches: figures.take(), samplesPerSecond: report.samplesPerSecond });
      },
      onEpoch: (report) => emit({ kind: "epoch", report }),
      snapshotDue: () => pause.isDue || performance.now() - copied >= copyEvery,
      async onSnapshot({ tensors, progress }) {
        const start = performance.now();
        const weights = Object.fromEntries(
          [...net.parameters.keys()].flatMap((name) => {
            const tensor = tensors.get(name);
            return tensor === undefined ? [] : [[name, tensor.data]];
          }),
        );
        const paused = pause.isDue && !signal.aborted;
        emit({ kind: "weights", updates: progress.updates, weights, paused });
        copied = performance.now();
        copyEvery = Math.max(WEIGHTS_MS, (copied - start) / COPIES_SHARE);
        if (paused) await pause.wait();
      },
    });
    const seconds = (performance.now() - began) / 1000;
    const { accuracy, loss } = await evaluate(net, test, { device });
    return {
      accuracy,
      loss,
      stopped: result.stopped === "aborted",
      updates: result.updates,
      seconds,
      weights: arraysOf(net),
    };
  } finally {
    await device.dispose();
  }
}

/** Copies, since the page takes them. */
const arraysOf = (net: Network): Weights =>
  Object.fromEntries([...net.parameters].map(([name, { data }]) => [name, data.slice()]));

const layersOf = (net: Network): LayerShape[] =>
  [...net.parameters].flatMap(([name, { rows, columns }]) =>
    name.endsWith(".weights") ? [{ name: name.slice(0, -".weights".length), rows, columns }] : [],
  );

/** Stops training between two batches until the page lets it go on. */
class Pause {
  isDue: boolean;
  #release = (): void => undefined;

  constructor(paused: boolean, signal: AbortSignal) {
    this.isDue = paused;
    signal.addEventListener("abort", () => this.#release());
  }

  command(command: string): void {
    if (command === "pause") this.isDue = true;
    if (command === "resume") this.isDue = false;
    if (command === "resume" || command === "step") this.#release();
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }
}

/** Loss and accuracy of single batches, from their means over the epoch so far. */
class Figures {
  #batches: BatchFigures[] = [];
  #before = { epoch: 0, samples: 0, loss: 0, correct: 0 };

  constructor(
    private readonly batchSize: number,
    private readonly count: number,
  ) {}

  add(report: {
    readonly epoch: number;
    readonly batch: number;
    readonly batches: number;
    readonly loss: number;
    readonly accuracy: number;
  }): void {
    const { epoch, batch, batches } = report;
    const before = this.#before.epoch === epoch ? this.#before : { samples: 0, loss: 0, correct: 0 };
    const samples = Math.min(batch * this.batchSize, this.count);
    const now = { epoch, samples, loss: report.loss * samples, correct: report.accuracy * samples };
    const own = samples - before.samples;
    this.#batches.push({
      at: epoch - 1 + batch / batches,
      loss: (now.loss - before.loss) / own,
      accuracy: (now.correct - before.correct) / own,
    });
    this.#before = now;
  }

  take(): BatchFigures[] {
    const batches = this.#batches;
    this.#batches = [];
    return batches;
  }
}
