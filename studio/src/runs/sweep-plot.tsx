import { useRef, useState } from "preact/hooks";
import { csvOf } from "../controls/download.js";
import { Choice } from "../controls/fields.js";
import { Figure } from "../controls/figure.js";
import { Table } from "../controls/table.js";
import type { SweepTable } from "./parse.js";

const WIDTH = 640;
const HEIGHT = 260;
const BOX = { left: 60, right: 16, top: 12, bottom: 44 };

/** A sweep's table as means with standard deviations over one of the settings. */
export function SweepPlot({ name, table }: { readonly name: string; readonly table: SweepTable }) {
  const { heading, rows } = table;
  const metrics = heading
    .filter((column) => column.endsWith(" mean"))
    .map((column) => column.slice(0, -" mean".length));
  const first = heading.findIndex((column) => column.endsWith(" mean"));
  const varied = heading.slice(0, first < 0 ? heading.length : first);
  const [metric, setMetric] = useState(metrics.find((one) => /accuracy/i.test(one)) ?? metrics[0] ?? "");
  const [along, setAlong] = useState(varied[0] ?? "");
  const svg = useRef<SVGSVGElement>(null);
  const column = (title: string): number => heading.indexOf(title);
  const others = varied.filter((one) => one !== along);
  const groups = [...new Set(rows.map((row) => labelOf(row, others, column)))];
  const places = [...new Set(rows.map((row) => row[column(along)] ?? ""))];
  const isNumeric = places.length > 1 && places.every((place) => place !== "" && Number.isFinite(Number(place)));
  const sorted = isNumeric ? [...places].sort((a, b) => Number(a) - Number(b)) : places;
  const points = rows.flatMap((row) => {
    const [mean, deviation] = [row[column(`${metric} mean`)], row[column(`${metric} deviation`)]];
    if (mean === undefined || mean === "") return [];
    return [
      {
        place: row[column(along)] ?? "",
        group: groups.indexOf(labelOf(row, others, column)),
        mean: Number(mean),
        deviation: Number(deviation ?? 0) || 0,
      },
    ];
  });
  const low = Math.min(...points.map(({ mean, deviation }) => mean - deviation));
  const high = Math.max(...points.map(({ mean, deviation }) => mean + deviation));
  const room = Math.max(1e-9, high - low) * 0.08;
  const y = (value: number): number =>
    BOX.top + (1 - (value - low + room) / (high - low + 2 * room)) * (HEIGHT - BOX.top - BOX.bottom);
  const x = (place: string, group: number): number => {
    const [least, most] = [Number(sorted[0]), Number(sorted.at(-1))];
    const share = isNumeric ? (Number(place) - least) / (most - least) : (sorted.indexOf(place) + 0.5) / sorted.length;
    const shift = groups.length < 2 ? 0 : (group / (groups.length - 1) - 0.5) * 18;
    return BOX.left + 14 + share * (WIDTH - BOX.left - BOX.right - 28) + shift;
  };
  const ticks = ticksBetween(low, high);
  return (
    <Figure
      title={`Sweep ${name}`}
      wide
      formulas={["x_mean = Sigma(x_i) / n", "s^2 = Sigma((x_i - x_mean)^2) / (n - 1)"]}
      note="Mean over the seeds; bars are standard deviations."
      csv={() => csvOf(heading.map((title, i) => ({ name: title, values: rows.map((row) => row[i] ?? "") })))}
      svg={() => standalone(svg.current!)}
    >
      <div class="row">
        <Choice label="Result" value={metric} options={metrics} onChange={setMetric} />
        <Choice label="Over" value={along} options={varied} onChange={setAlong} />
      </div>
      {groups.length > 1 && (
        <ul class="legend">
          {groups.map((group, i) => (
            <li key={group}>
              <span class={`key series-${(i % 6) + 1}`} />
              {group}
            </li>
          ))}
        </ul>
      )}
      {points.length > 0 && (
        <svg
          ref={svg}
          class="sweep"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label={`${metric} over ${along}: ${points.map(({ place, mean }) => `${place}: ${mean.toPrecision(4)}`).join(", ")}`}
        >
          {ticks.map((value) => (
            <g key={value}>
              <line class="axis" x1={BOX.left} x2={WIDTH - BOX.right} y1={y(value)} y2={y(value)} />
              <text x={BOX.left - 6} y={y(value) + 4} text-anchor="end">
                {Number(value.toPrecision(4))}
              </text>
            </g>
          ))}
          {sorted.map((place) => (
            <text key={place} x={x(place, (groups.length - 1) / 2)} y={HEIGHT - BOX.bottom + 18} text-anchor="middle">
              {place || "none"}
            </text>
          ))}
          <text x={(WIDTH + BOX.left) / 2} y={HEIGHT - 6} text-anchor="middle">
            {along}
          </text>
          {points.map(({ place, group, mean, deviation }) => (
            <g key={`${place}|${group}`} class={`mark series-${(group % 6) + 1}`}>
              <line x1={x(place, group)} x2={x(place, group)} y1={y(mean - deviation)} y2={y(mean + deviation)} />
              <circle cx={x(place, group)} cy={y(mean)} r="4" />
            </g>
          ))}
        </svg>
      )}
      <Table columns={heading} rows={rows.map((row) => row.map(readable))} />
    </Figure>
  );
}

/** Round values in a range: multiples of 1, 2 or 5 times a power of ten. */
function ticksBetween(low: number, high: number): number[] {
  const rough = Math.max(1e-9, high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => (first + i) * step);
}

/** A number of a table in a readable length; texts as they are. */
const readable = (text: string): string =>
  text !== "" && Number.isFinite(Number(text)) ? String(Number(Number(text).toPrecision(4))) : text;

const labelOf = (row: readonly string[], others: readonly string[], column: (title: string) => number): string =>
  others.map((one) => `${one} ${row[column(one)] || "none"}`).join(", ");

/** The plot as a file of its own, with the colors of the page. */
function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(WIDTH));
  const shown = svg.querySelectorAll<SVGElement>("line, circle, text");
  copy.querySelectorAll<SVGElement>("line, circle, text").forEach((element, i) => {
    const { fill, stroke, strokeWidth, fontSize } = getComputedStyle(shown[i]!);
    element.setAttribute(
      "style",
      `fill:${fill};stroke:${stroke};stroke-width:${strokeWidth};font:${fontSize} sans-serif`,
    );
  });
  return copy.outerHTML;
}
