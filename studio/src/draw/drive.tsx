import { useMemo } from "preact/hooks";
import { change } from "../app/link.js";
import { Images } from "../charts/images.js";
import { csvOf } from "../controls/download.js";
import { Choice, NumberField } from "../controls/fields.js";
import { Figure } from "../controls/figure.js";
import type { Presented } from "../engine/tasks/present.js";
import type { Run } from "../train/state.js";
import { cursor, SIDE, settings } from "./state.js";

/** The inputs that drive a unit: its weights times the spikes that have arrived. */
export function Drive({ found, run }: { readonly found: Presented; readonly run: Run }) {
  const { layers, steps } = found;
  const layer = Math.min(settings.value.layer, layers.length - 1);
  const { name, units } = layers[layer]!;
  const unit = Math.min(settings.value.unit, units - 1);
  const now = Math.min(cursor.value, steps - 1);
  const below = layers[layer - 1]!;
  const weights = run.weights[`${name}.weights`];
  const isDense = weights?.length === below.units * units;
  const parts = useMemo(() => {
    if (weights === undefined || !isDense) return undefined;
    const parts = new Float32Array(below.units);
    for (let i = 0; i < below.units; i++) {
      let count = 0;
      for (let t = 0; t <= now; t++) count += below.spikes[t * below.units + i]!;
      parts[i] = count * weights[i * units + unit]!;
    }
    return parts;
  }, [weights, isDense, below, units, unit, now]);
  const sum = parts?.reduce((total, part) => total + part, 0) ?? 0;
  return (
    <Figure
      title="What drives a unit"
      formulas={["d_i = w_i * Sigma(x_i)"]}
      note={
        parts === undefined
          ? "Only the inputs of dense layers are shown."
          : `Every input’s weight times its spikes up to step ${now + 1}; together ${sum.toPrecision(3)}. Green drives the unit, violet holds it back.`
      }
      csv={
        parts === undefined
          ? undefined
          : () =>
              csvOf([
                { name: "input", values: Array.from(parts, (_, i) => i) },
                { name: "drive", values: parts },
              ])
      }
    >
      <div class="row">
        <Choice
          label="Layer"
          value={String(layer)}
          options={layers.slice(1).map((one, i) => [String(i + 1), one.name] as const)}
          onChange={(value) => change(settings, { layer: Number(value), unit: 0 })}
        />
        <NumberField
          label="Unit"
          value={unit}
          least={0}
          most={units - 1}
          onChange={(value) => change(settings, { unit: value })}
        />
      </div>
      {parts !== undefined && layer === 1 && parts.length === SIDE * SIDE && (
        <Images
          label={`Drive of unit ${unit} by every pixel`}
          values={parts}
          columns={1}
          shape={[SIDE, SIDE]}
          size={140}
        />
      )}
      {parts !== undefined && (layer !== 1 || parts.length !== SIDE * SIDE) && (
        <Strongest parts={parts} name={below.name} />
      )}
    </Figure>
  );
}

const SHOWN = 10;

/** The inputs with the largest effect, as a table. */
function Strongest({ parts, name }: { readonly parts: Float32Array; readonly name: string }) {
  const order = Array.from(parts, (_, i) => i)
    .filter((i) => parts[i] !== 0)
    .sort((a, b) => Math.abs(parts[b]!) - Math.abs(parts[a]!))
    .slice(0, SHOWN);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">unit of {name}</th>
          <th scope="col">drive</th>
        </tr>
      </thead>
      <tbody>
        {order.map((i) => (
          <tr key={i}>
            <th scope="row">{i}</th>
            <td>{parts[i]!.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
