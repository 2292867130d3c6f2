import { batch, computed, signal } from "@preact/signals";
import { settingsOf } from "../app/link.js";
import { type Call, laboratory, TaskError, trainer } from "../engine/client.js";
import type { Samples } from "../engine/datasets.js";
import type { Weights } from "../engine/networks.js";
import type { Presented } from "../engine/tasks/present.js";
import type { BatchFigures, LayerShape, TrainEvent, TrainOutcome } from "../engine/tasks/train-network.js";
import { TRAIN_DEFAULTS, TRAIN_LIMITS, type TrainSettings } from "./settings.js";

export const settings = settingsOf("train", TRAIN_DEFAULTS, TRAIN_LIMITS);

/** A training in progress or done. */
export interface Run {
  readonly name: string;
  readonly settings: TrainSettings;
  readonly own: Samples | undefined;
  readonly device: string;
  readonly samples: number;
  readonly parameters: number;
  readonly layers: readonly LayerShape[];
  /** Height and width of the input, if it is an image. */
  readonly shape: readonly [number, number] | undefined;
  readonly batches: readonly BatchFigures[];
  readonly samplesPerSecond: number;
  readonly weights: Weights;
  readonly initialWeights: Weights;
  /** The weights before those, for the change between two. */
  readonly weightsBefore: Weights;
  readonly updates: number;
  readonly warnings: readonly string[];
  readonly outcome: TrainOutcome | undefined;
}

export const phase = signal<"idle" | "starting" | "running" | "paused" | "testing">("idle");
export const run = signal<Run | undefined>(undefined);
/** A finished run that is shown beside the current one. */
export const kept = signal<Run | undefined>(undefined);
export const problem = signal("");
/** The sample that the raster shows, a number of the test set. */
export const shownSample = signal(0);
export const presented = signal<Presented | undefined>(undefined);
/** The files that were dropped in. */
export const ownData = signal<Samples | undefined>(undefined);
/** False: nothing is drawn, so that the cost of the charts can be measured. */
export const chartsShown = signal(true);

export const isBusy = computed(() => phase.value !== "idle");

/** True from the first run on; changes once, unlike `run`. */
export const hasRun = computed(() => run.value !== undefined);

/** Weights of the run as they are drawn; changes with them only, not with every batch. */
export const drawnWeights = computed(() => run.value?.weights);

/** Samples of which firing rates are counted. */
const RATE_SAMPLES = 32;
/** Largest share of the time that recordings for the charts take while a network is trained. */
const RECORDING_SHARE = 0.1;

let call: Call<TrainOutcome> | undefined;
let number = 0;

/** By default one thread fewer than cores, so that the page keeps one. A page that is not isolated has one thread. */
const threadsOf = ({ threads }: TrainSettings): number =>
  crossOriginIsolated ? threads || Math.max(1, (navigator.hardwareConcurrency || 2) - 1) : 1;

/** Starts a training with the current settings, and resolves when it has ended. */
export async function startTraining(stepping = false): Promise<void> {
  const own = settings.value.data === "own" ? ownData.value : undefined;
  if (settings.value.data === "own" && own === undefined) {
    problem.value = "Your own data are chosen, but there are none: drop files in, or choose the built-in digits.";
    return;
  }
  const used = settings.value;
  problem.value = "";
  phase.value = "starting";
  presented.value = undefined;
  number++;
  const name = `Run ${number}`;
  call = trainer.start(
    "trainNetwork",
    { settings: used, ...(own === undefined ? {} : { own }), threads: threadsOf(used), stepping },
    (event) => receive(event, name, used, own),
  );
  try {
    const outcome = await call.result;
    run.value = { ...run.value!, outcome, weights: outcome.weights, updates: outcome.updates };
    await observe();
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    problem.value = error.message;
  } finally {
    phase.value = "idle";
    call = undefined;
  }
}

export const stopTraining = (): void => call?.abort();

export function pauseTraining(): void {
  call?.send("pause");
}

export function resumeTraining(): void {
  phase.value = "running";
  call?.send("resume");
}

/** Makes one update; from rest, starts a training that waits after its first batch. */
export function stepTraining(): void {
  if (phase.value === "idle") void startTraining(true);
  else if (phase.value === "running") pauseTraining();
  else call?.send("step");
}

/** Keeps the finished run, to compare the next one with it. */
export function keepRun(): void {
  kept.value = run.value;
}

function receive(event: TrainEvent, name: string, used: TrainSettings, own: Samples | undefined): void {
  batch(() => {
    const current = run.value;
    switch (event.kind) {
      case "begin": {
        const { device, samples, parameters, layers, inputShape, weights } = event;
        const { channels, height, width } = inputShape;
        run.value = {
          name,
          settings: used,
          own,
          device,
          samples,
          parameters,
          layers,
          weights,
          initialWeights: weights,
          weightsBefore: weights,
          shape: channels === 1 && height > 1 ? [height, width] : undefined,
          batches: [],
          samplesPerSecond: 0,
          updates: 0,
          warnings: [],
          outcome: undefined,
        };
        phase.value = "running";
        void observe();
        break;
      }
      case "batches":
        run.value = {
          ...current!,
          batches: [...current!.batches, ...event.batches],
          samplesPerSecond: event.samplesPerSecond,
        };
        break;
      case "weights":
        run.value = { ...current!, weights: event.weights, weightsBefore: current!.weights, updates: event.updates };
        if (event.paused) phase.value = "paused";
        if (event.paused || performance.now() >= nextRecording) void observe();
        break;
      case "epoch":
        if (event.report.epoch === used.epochs) phase.value = "testing";
        break;
      case "warning":
        run.value = { ...current!, warnings: [...current!.warnings, event.sentence] };
    }
  });
}

let isObserving = false;
let isStale = false;
let nextRecording = 0;

/** Records a test sample with the latest weights. A request during a recording is served after it. */
export async function observe(): Promise<void> {
  if (!chartsShown.value || run.value === undefined) return;
  if (isObserving) {
    isStale = true;
    return;
  }
  isObserving = true;
  try {
    do {
      isStale = false;
      const began = performance.now();
      const { settings: used, own, weights } = run.value;
      presented.value = await laboratory.run("present", {
        settings: used,
        ...(own === undefined ? {} : { own }),
        weights,
        image: shownSample.value,
        rateSamples: RATE_SAMPLES,
      });
      nextRecording = performance.now() + (performance.now() - began) / RECORDING_SHARE;
    } while (isStale);
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    problem.value = error.message;
  } finally {
    isObserving = false;
  }
}
