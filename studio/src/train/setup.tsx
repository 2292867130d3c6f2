import { signal } from "@preact/signals";
import { change } from "../app/link.js";
import { Choice, NumberField, TextField } from "../controls/fields.js";
import { Files } from "../controls/files.js";
import { laboratory, TaskError } from "../engine/client.js";
import { TRAIN_LIMITS, type TrainSettings } from "./settings.js";
import { ownData, settings } from "./state.js";

const NEURONS = ["snu", "ssnu", "lif", "alif", "leaky", "synaptic", "alpha", "rLeaky", "relu", "tanh"];
const ENCODERS = ["rate", "poisson", "latency", "delta", "constantCurrent", "direct"];
const OPTIMIZERS = ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adam-w", "bio-adam"];

const reading = signal("");
const labels = signal("label");

const set = (values: Partial<TrainSettings>): void => change(settings, values);

async function take(files: readonly { readonly path: string; readonly bytes: ArrayBuffer }[]): Promise<void> {
  reading.value = "Reading …";
  try {
    const samples = await laboratory.run("readFiles", { files, labels: labels.value });
    ownData.value = samples;
    set({ data: "own" });
    const { train, test } = samples;
    reading.value = `${train.count} samples for training, ${test.count} for the test, ${train.pixels} values each, ${train.classes} classes.`;
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    reading.value = error.message;
  }
}

/** The settings of a training. */
export function Setup() {
  const {
    data,
    samples,
    hidden,
    neuron,
    encoder,
    optimizer,
    learningRate,
    grapes,
    steps,
    epochs,
    batchSize,
    seed,
    device,
    threads,
  } = settings.value;
  return (
    <>
      <fieldset>
        <legend>Data</legend>
        <Choice
          label="Samples"
          value={data}
          options={[
            ["digits", "Built-in digits, 28 × 28"],
            ["own", "Files of your own"],
          ]}
          onChange={(value) => set({ data: value as TrainSettings["data"] })}
        />
        {data === "digits" ? (
          <NumberField
            label="Training samples"
            value={samples}
            {...TRAIN_LIMITS.samples}
            onChange={(value) => set({ samples: value })}
          />
        ) : (
          <>
            <TextField
              label="Column or array of the labels"
              value={labels.value}
              onChange={(value) => {
                labels.value = value;
              }}
            />
            <Files
              onFiles={take}
              hint="MNIST’s four files, a CSV or NPZ file, or a folder with one folder of pictures per class."
            />
            <p class="hint" role="status">
              {reading.value}
            </p>
          </>
        )}
      </fieldset>
      <fieldset>
        <legend>Network</legend>
        <TextField
          label="Hidden layers"
          value={hidden}
          hint="128, 128-64, or 12C5-AP2 for convolutions"
          onChange={(value) => set({ hidden: value.trim() })}
        />
        <div class="pair">
          <Choice label="Neuron" value={neuron} options={NEURONS} onChange={(value) => set({ neuron: value })} />
          <Choice label="Encoder" value={encoder} options={ENCODERS} onChange={(value) => set({ encoder: value })} />
        </div>
        <NumberField
          label="Time steps"
          value={steps}
          {...TRAIN_LIMITS.steps}
          onChange={(value) => set({ steps: value })}
        />
      </fieldset>
      <fieldset>
        <legend>Learning</legend>
        <div class="pair">
          <Choice label="Rule" value={optimizer} options={OPTIMIZERS} onChange={(value) => set({ optimizer: value })} />
          <NumberField
            label="Learning rate"
            value={learningRate}
            {...TRAIN_LIMITS.learningRate}
            step="any"
            hint="0: its default"
            onChange={(value) => set({ learningRate: value })}
          />
        </div>
        <Choice
          label="GRAPES"
          value={grapes}
          options={["off", "propagating", "local"]}
          onChange={(value) => set({ grapes: value as TrainSettings["grapes"] })}
        />
        <div class="pair">
          <NumberField
            label="Epochs"
            value={epochs}
            {...TRAIN_LIMITS.epochs}
            onChange={(value) => set({ epochs: value })}
          />
          <NumberField
            label="Batch"
            value={batchSize}
            {...TRAIN_LIMITS.batchSize}
            onChange={(value) => set({ batchSize: value })}
          />
        </div>
        <div class="pair">
          <NumberField label="Seed" value={seed} {...TRAIN_LIMITS.seed} onChange={(value) => set({ seed: value })} />
          <Choice
            label="Device"
            value={device}
            options={[["auto", "fastest"], "simd", "reference"]}
            onChange={(value) => set({ device: value })}
          />
        </div>
        <NumberField
          label="Threads"
          value={threads}
          {...TRAIN_LIMITS.threads}
          hint={
            crossOriginIsolated
              ? "0: one fewer than cores"
              : "This page has one thread: its server does not isolate it from other pages."
          }
          onChange={(value) => set({ threads: value })}
        />
      </fieldset>
    </>
  );
}
