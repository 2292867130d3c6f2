import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Images } from "../charts/images.js";
import { csvOf } from "../controls/download.js";
import { Choice } from "../controls/fields.js";
import { Figure } from "../controls/figure.js";
import { drawnWeights, run } from "./state.js";

const shownMatrix = signal<keyof typeof MATRICES>("learned");
const MOST = 64;
const MATRICES = { learned: "change since the start", weights: "weights", change: "last change" } as const;

/** Weights of the first layer as images: the input that each unit answers to. */
export function FirstLayer() {
  // The rest of the run changes with every batch, which concerns the curves only.
  const weights = drawnWeights.value!;
  const { layers, weightsBefore, initialWeights, shape, updates } = run.peek()!;
  const first = layers[0];
  const name = first === undefined ? "" : `${first.name}.weights`;
  const matrix = shownMatrix.value;
  const values = useMemo(() => {
    const now = weights[name];
    const before = matrix === "change" ? weightsBefore[name] : matrix === "learned" ? initialWeights[name] : undefined;
    return now !== undefined && before !== undefined ? now.map((w, i) => w - before[i]!) : now;
  }, [weights, weightsBefore, initialWeights, name, matrix]);
  const norm = useMemo(() => normOf(values ?? new Float32Array()), [values]);
  if (first === undefined || values === undefined) return null;
  const image = imageShape(first.rows, shape);
  if (image === undefined) return null;
  return (
    <Figure
      title="Weights of the first layer"
      wide
      formulas={["I_n = Sigma(w_n * x)"]}
      note={`${Math.min(first.columns, MOST)} of ${first.columns} units after update ${updates}: green adds current, violet takes it away. The norm of the whole matrix is ${norm.toPrecision(3)}.`}
      csv={() =>
        csvOf(
          Array.from({ length: first.columns }, (_, unit) => ({
            name: `unit ${unit}`,
            values: Array.from({ length: first.rows }, (_, row) => values[row * first.columns + unit]!),
          })),
        )
      }
    >
      <div class="row">
        <Choice
          label="Show"
          value={shownMatrix.value}
          options={Object.entries(MATRICES)}
          onChange={(value) => {
            shownMatrix.value = value as keyof typeof MATRICES;
          }}
        />
      </div>
      <Images
        label={`Weights of ${Math.min(first.columns, MOST)} units as images`}
        values={values}
        columns={first.columns}
        shape={image}
        most={MOST}
        size={56}
      />
    </Figure>
  );
}

const normOf = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** The form of a unit's weights: the input image, or the window of a convolution. */
function imageShape(rows: number, shape: readonly [number, number] | undefined): readonly [number, number] | undefined {
  if (shape !== undefined && shape[0] * shape[1] === rows) return shape;
  const side = Math.round(Math.sqrt(rows));
  return side * side === rows && side > 1 ? [side, side] : undefined;
}
