import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { shownTheme } from "../app/theme.js";
import { palette } from "./colors.js";

export interface Line {
  readonly label: string;
  readonly values: ArrayLike<number | null>;
  /** Number of the color; default: the place of the line. */
  readonly color?: number | "muted";
  readonly dashed?: boolean;
  readonly points?: boolean;
}

export interface LineChartProps {
  readonly label: string;
  readonly x: ArrayLike<number>;
  readonly lines: readonly Line[];
  readonly xLabel: string;
  readonly yLabel?: string;
  readonly height?: number;
  readonly yRange?: readonly [number, number];
  readonly xRange?: readonly [number, number];
  readonly logarithmic?: boolean;
  /** Left out: the lines are named below the chart, or there is one. */
  readonly hasLegend?: boolean;
}

/** Lines over a common axis. */
export function LineChart(props: LineChartProps) {
  const {
    label,
    x,
    lines,
    xLabel,
    yLabel,
    height = 200,
    yRange,
    xRange,
    logarithmic = false,
    hasLegend = true,
  } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const theme = shownTheme.value;
  const shape = lines.map((line) => `${line.label}|${line.color}|${line.dashed}|${line.points}`).join("\n");
  const ranges = useRef({ yRange, xRange });
  ranges.current = { yRange, xRange };
  const data = [x, ...lines.map(({ values }) => values)] as unknown as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  // Only the form of the chart makes a new one; values are set below.
  useEffect(() => {
    const colors = palette();
    const axis: uPlot.Axis = {
      stroke: colors.muted,
      grid: { stroke: colors.line, width: 1 },
      ticks: { stroke: colors.line, width: 1, size: 4 },
      font: "12px system-ui, sans-serif",
      labelFont: "12px system-ui, sans-serif",
      labelSize: 20,
    };
    const made = new uPlot(
      {
        width: Math.max(120, host.current!.clientWidth),
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: 6 } },
        scales: {
          x: { time: false, range: (_, least, most) => [...(ranges.current.xRange ?? spread(least, most))] },
          y: {
            distr: logarithmic ? 3 : 1,
            ...(logarithmic ? {} : { range: (_, least, most) => [...(ranges.current.yRange ?? padded(least, most))] }),
          },
        },
        axes: [
          { ...axis, label: xLabel, size: 32 },
          { ...axis, size: 52, ...(yLabel === undefined ? {} : { label: yLabel }) },
        ],
        series: [
          {},
          ...lines.map((line, i) => ({
            label: line.label,
            stroke: line.color === "muted" ? colors.muted : colors.series[(line.color ?? i) % colors.series.length]!,
            width: line.color === "muted" ? 0.8 : 1.75,
            points: { show: line.points === true, size: 5 },
            ...(line.dashed ? { dash: [6, 4] } : {}),
          })),
        ],
      },
      latest.current,
      host.current!,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      const width = host.current?.clientWidth ?? 0;
      if (width > 0 && width !== made.width) made.setSize({ width, height });
    });
    observer.observe(host.current!);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape, theme, height, xLabel, yLabel, logarithmic]);

  useEffect(() => plot.current?.setData(latest.current));

  const summary = useMemo(() => summaryOf(props), [props]);
  return (
    <div class="line-chart">
      {hasLegend && lines.length > 1 && (
        <ul class="legend">
          {lines.map((line, i) => (
            <li key={line.label}>
              <span class={`key ${keyOf(line, i)}`} />
              {line.label}
            </li>
          ))}
        </ul>
      )}
      <div ref={host} role="img" aria-label={`${label}. ${summary}`} style={{ minHeight: `${height}px` }} />
    </div>
  );
}

const keyOf = ({ color, dashed = false }: Line, i: number): string =>
  `${color === "muted" ? color : `series-${((color ?? i) % 6) + 1}`}${dashed ? " dashed" : ""}`;

const spread = (least: number, most: number): [number, number] =>
  least === most ? [least - 0.5, most + 0.5] : [least, most];

function padded(least: number, most: number): [number, number] {
  if (!Number.isFinite(least) || !Number.isFinite(most)) return [0, 1];
  const room = least === most ? Math.max(0.5, Math.abs(least) * 0.1) : (most - least) * 0.06;
  return [least - room, most + room];
}

/** The last values of the lines, for screen readers. */
function summaryOf({ lines, x, xLabel }: LineChartProps): string {
  if (x.length === 0) return "No values yet.";
  const last = x[x.length - 1]!;
  const values = lines.map(({ label, values: all }) => `${label} ${short(all[x.length - 1])}`);
  return `At ${xLabel} ${short(last)}: ${values.slice(0, 6).join(", ")}.`;
}

const short = (value: number | null | undefined): string =>
  value === null || value === undefined ? "no value" : String(Number(value.toPrecision(3)));
