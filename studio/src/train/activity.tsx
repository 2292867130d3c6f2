import { Bars, histogram } from "../charts/bars.js";
import { Raster } from "../charts/raster.js";
import { rasterSvg } from "../charts/svg.js";
import { csvOf } from "../controls/download.js";
import { NumberField } from "../controls/fields.js";
import { Figure } from "../controls/figure.js";
import { TEST_SAMPLES } from "./settings.js";
import { observe, presented, run, shownSample } from "./state.js";

const BINS = 20;

/** Spikes of every layer for one test sample, firing rates, and GRAPES factors, with the latest weights. */
export function Activity() {
  const shown = presented.value;
  if (shown === undefined) return null;
  const { layers, steps, label, readout, rates, factors } = shown;
  const answer = readout.indexOf(Math.max(...readout));
  return (
    <>
      <Figure
        title="Spikes of one test sample"
        wide
        note={
          <>
            Class {label}, answer {answer}. Every mark is a spike; time runs to the right through {steps} steps.
          </>
        }
        csv={() => csvOf(spikeColumns(shown))}
        svg={() => rasterSvg("Spikes of one test sample", layers, steps)}
      >
        <div class="row">
          <NumberField
            label="Test sample"
            value={shownSample.value}
            least={0}
            most={(run.peek()?.own?.test.count ?? TEST_SAMPLES) - 1}
            onChange={(value) => {
              shownSample.value = value;
              void observe();
            }}
          />
        </div>
        <Raster
          label={`Spikes of ${layers.map(({ name, units }) => `${name} (${units} units)`).join(", ")} over ${steps} steps`}
          layers={layers}
          steps={steps}
          height={320}
        />
      </Figure>
      <Figure
        title="Firing rates"
        formulas={["r_i = count(y_i) / (samples * T)"]}
        note="Units by the share of steps in which they fire. Units at 0 are silent, units at 1 carry no information."
        csv={() => csvOf(rates.map(({ name, rates: values }) => ({ name, values })))}
      >
        {rates.map(({ name, rates: values }, i) => (
          <div class="bars-row" key={name}>
            <h3>{name}</h3>
            <Bars
              label={`Firing rates of ${name}: ${values.filter((rate) => rate === 0).length} of ${values.length} units are silent`}
              values={histogram(values, BINS, 0, 1)}
              ends={["0", "1"]}
              color={(i + 1) % 6}
            />
          </div>
        ))}
      </Figure>
      {factors.length > 0 && (
        <Figure
          title="GRAPES factors"
          formulas={["m_n = clip(2 * i_n / max(i), 1, 2)", "i_n = Sigma(|w_pre|)"]}
          note="The error of every hidden unit is multiplied by its factor."
          csv={() => csvOf(factors.map(({ name, factors: values }) => ({ name, values })))}
        >
          {factors.map(({ name, factors: values }, i) => (
            <div class="bars-row" key={name}>
              <h3>{name}</h3>
              <Bars
                label={`GRAPES factors of ${name}`}
                values={histogram(values, BINS, 1, 2)}
                ends={["1", "2"]}
                color={(i + 1) % 6}
              />
            </div>
          ))}
        </Figure>
      )}
    </>
  );
}

/** One row per spike. */
function spikeColumns({ layers, steps }: NonNullable<typeof presented.value>) {
  const rows = layers.flatMap(({ name, units, spikes }) =>
    Array.from({ length: steps * units }, (_, i) => i)
      .filter((i) => spikes[i] !== 0)
      .map((i) => ({ name, step: Math.floor(i / units), unit: i % units })),
  );
  return [
    { name: "layer", values: rows.map(({ name }) => name) },
    { name: "step", values: rows.map(({ step }) => step) },
    { name: "unit", values: rows.map(({ unit }) => unit) },
  ];
}
