import { useEffect } from "preact/hooks";
import { Slider } from "../controls/fields.js";
import { isBusy, presented, run, startTraining, problem as trainProblem } from "../train/state.js";
import { Answer } from "./answer.js";
import { Drive } from "./drive.js";
import { Pad } from "./pad.js";
import { answer, cursor, drawing, presentDrawing, problem, SIDE } from "./state.js";

/** Draw a digit and see how the network comes to its answer. */
export function Draw() {
  const trained = run.value;
  const isTrained = trained?.outcome !== undefined;
  const isSquare = trained === undefined || (trained.shape?.[0] === SIDE && trained.shape[1] === SIDE);
  // Another network is presented the drawing again.
  useEffect(() => {
    if (isTrained && isSquare) void presentDrawing();
  }, [trained?.outcome]);
  const found = answer.value;
  return (
    <div class="view">
      <aside class="controls" aria-label="Drawing">
        <Pad />
        <div class="actions">
          <button
            type="button"
            onClick={() => {
              drawing.value = new Float32Array(SIDE * SIDE);
              void presentDrawing();
            }}
          >
            Clear
          </button>
          {presented.value !== undefined && isSquare && (
            <button
              type="button"
              onClick={() => {
                drawing.value = presented.value!.image.slice();
                void presentDrawing();
              }}
            >
              Take the test sample
            </button>
          )}
        </div>
        {found !== undefined && (
          <Slider
            label="Step"
            value={Math.min(cursor.value, found.steps - 1)}
            least={0}
            most={found.steps - 1}
            text={`${Math.min(cursor.value, found.steps - 1) + 1} of ${found.steps}`}
            onChange={(value) => {
              cursor.value = value;
            }}
          />
        )}
      </aside>
      <div class="figures">
        <div class="status">
          {problem.value !== "" && (
            <p class="problem" role="alert">
              {problem.value}
            </p>
          )}
          {!isTrained && (
            <p role="status">
              {isBusy.value ? "Training the network …" : trainProblem.value || "There is no trained network yet."}{" "}
              {!isBusy.value && (
                <button type="button" class="main" onClick={() => void startTraining()}>
                  Train it
                </button>
              )}
            </p>
          )}
          {isTrained && !isSquare && (
            <p role="status">The drawing has 28 × 28 pixels, and the network reads other samples.</p>
          )}
          {isTrained && isSquare && found === undefined && <p role="status">Draw a digit on the sheet.</p>}
        </div>
        {found !== undefined && <Answer found={found} />}
        {found !== undefined && trained !== undefined && <Drive found={found} run={trained} />}
      </div>
    </div>
  );
}
