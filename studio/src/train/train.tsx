import { Toggle } from "../controls/fields.js";
import { Activity } from "./activity.js";
import { Curves } from "./curves.js";
import { FirstLayer } from "./first-layer.js";
import { Setup } from "./setup.js";
import {
  chartsShown,
  hasRun,
  isBusy,
  keepRun,
  kept,
  pauseTraining,
  phase,
  problem,
  resumeTraining,
  run,
  startTraining,
  stepTraining,
  stopTraining,
} from "./state.js";

/** Trains a network and shows what happens in it. */
export function Train() {
  return (
    <div class="view">
      <aside class="controls" aria-label="Settings of the training">
        <Buttons />
        <details class="settings" open={innerWidth > 760}>
          <summary>Settings</summary>
          <Setup />
        </details>
      </aside>
      <div class="figures">
        <Status />
        {!hasRun.value ? (
          <Welcome />
        ) : (
          <>
            <Curves />
            {chartsShown.value && (
              <>
                <Activity />
                <FirstLayer />
              </>
            )}
          </>
        )}
      </div>
    </div>
  );
}

function Buttons() {
  const state = phase.value;
  return (
    <div class="actions">
      {!isBusy.value && (
        <button type="button" class="main" onClick={() => void startTraining()}>
          Train
        </button>
      )}
      {isBusy.value && (
        <button type="button" class="main" onClick={stopTraining}>
          Stop
        </button>
      )}
      {state === "running" && (
        <button type="button" onClick={pauseTraining}>
          Pause
        </button>
      )}
      {state === "paused" && (
        <button type="button" onClick={resumeTraining}>
          Go on
        </button>
      )}
      <button type="button" disabled={state === "starting" || state === "testing"} onClick={stepTraining}>
        One batch
      </button>
      {run.value?.outcome !== undefined && !isBusy.value && kept.value !== run.value && (
        <button type="button" onClick={keepRun}>
          Keep for comparison
        </button>
      )}
      <Toggle
        label="Show activity"
        value={chartsShown.value}
        onChange={(value) => {
          chartsShown.value = value;
        }}
      />
    </div>
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The state in one line, read aloud when it changes. */
function Status() {
  const current = run.value;
  if (problem.value !== "") {
    return (
      <p class="problem" role="alert">
        {problem.value}
      </p>
    );
  }
  const state = phase.value;
  const last = current?.batches.at(-1);
  return (
    <div class="status">
      <p role="status">
        {state === "starting" && "Drawing the samples and compiling the network …"}
        {state === "running" && "Training."}
        {state === "paused" &&
          `Paused after batch ${current?.updates}: loss ${last?.loss.toFixed(3)}, accuracy ${last === undefined ? "" : percent(last.accuracy)}.`}
        {state === "testing" && "Testing …"}
        {state === "idle" && current?.outcome !== undefined && (
          <>
            {current.outcome.stopped ? "Stopped. " : "Done. "}
            Test accuracy <strong data-testid="accuracy">{percent(current.outcome.accuracy)}</strong> after{" "}
            {current.outcome.updates.toLocaleString("en")} updates, {current.outcome.seconds.toFixed(1)} s.
          </>
        )}
        {state === "idle" && current === undefined && "Ready."}
      </p>
      {current !== undefined && (
        <p class="facts">
          <span>{current.parameters.toLocaleString("en")} parameters</span>
          <span>{current.samples.toLocaleString("en")} samples</span>
          <span>{current.device}</span>
          {current.samplesPerSecond > 0 && (
            <span>{Math.round(current.samplesPerSecond).toLocaleString("en")} samples/s</span>
          )}
        </p>
      )}
      {current?.warnings.map((sentence) => (
        <p class="note" key={sentence}>
          {sentence}
        </p>
      ))}
    </div>
  );
}

function Welcome() {
  return (
    <div class="welcome">
      <h2>A spiking network, from the first batch on</h2>
      <p>
        Press <strong>Train</strong>. The page draws handwritten digits, codes them as spikes, and trains a network on
        them with the exact gradient through time, on this machine. Nothing leaves the page.
      </p>
      <p>
        Meanwhile you see the loss, the spikes of every layer for one digit, the weights that each hidden unit learns,
        and how often units fire. Then <a href="#/draw">draw a digit</a> and watch the answer build up.
      </p>
    </div>
  );
}
