import { scaleLinear } from "d3-scale";
import { fields, list, numbers, optional, signature, text, typedArray, whole } from "../arguments/index.js";
import { SpikevineError } from "../errors.js";
import { type Box, COLORS, figure, heading, legend, STYLE, xAxis, yAxis } from "./chart.js";
import { element, round } from "./svg.js";

/** Events of a recording, as `spikevine/data` has them. */
export interface PlottedEvents {
  readonly x: ArrayLike<number>;
  readonly y?: ArrayLike<number>;
  readonly p?: ArrayLike<number>;
  /** Microseconds. */
  readonly t: ArrayLike<number>;
}

/** Colors of the polarities 0 (off, or the only one) and 1 (on). */
const POLARITIES = [COLORS[0], COLORS[1]] as const;
const NAMES = ["off", "on"] as const;
const WIDTH = 840;
const LEFT = 60;
const MOST_MARKS = 60_000;

interface EventPlotOptions {
  readonly title?: string;
  readonly events: PlottedEvents;
  /** Columns of the sensor, or channels of a cochlea. */
  readonly width: number;
}

const checkEvents = signature("eventPlot", {
  options: fields<EventPlotOptions>(
    {
      title: optional(text()),
      events: fields<PlottedEvents>({ x: numbers, y: optional(numbers), p: optional(numbers), t: numbers }),
      width: whole(1),
    },
    { root: "options" },
  ),
});

/**
 * Events over time: the column x upward, time to the right, one color per polarity. Of very many events only every n-th is drawn, which
 * the heading says. Returns an SVG picture.
 */
export function eventPlot(options: EventPlotOptions): string {
  checkEvents([options]);
  const { events, width, title = "Events" } = options;
  const { x, p, t } = events;
  const box: Box = { left: LEFT, top: 84, width: WIDTH - LEFT - 20, height: 320 };
  let last = 1;
  for (let i = 0; i < t.length; i++) last = Math.max(last, t[i]! / 1000);
  const right = scaleLinear()
    .domain([0, last])
    .range([box.left, box.left + box.width]);
  const up = scaleLinear()
    .domain([0, width])
    .range([box.top + box.height, box.top]);
  const every = Math.max(1, Math.ceil(t.length / MOST_MARKS));
  const marks: [string[], string[]] = [[], []];
  for (let i = 0; i < t.length; i += every) {
    marks[(p?.[i] ?? 0) === 0 ? 0 : 1].push(`M${round(right(t[i]! / 1000))} ${round(up(x[i]! + 0.5) - 0.75)}v1.5`);
  }
  const drawn = every === 1 ? "" : `, 1 in ${every} drawn`;
  const detail = `${t.length.toLocaleString("en")} events${drawn}`;
  const ticks = up.ticks(6).filter((tick) => Number.isInteger(tick) && tick < width);
  return figure({
    width: WIDTH,
    height: box.top + box.height + 50,
    title,
    description: detail,
    content: [
      legend(
        box.left + 320,
        40,
        300,
        NAMES.map((label, i) => ({ label, color: POLARITIES[i]! })),
      ).svg,
      heading(box, box.top - 10, "column x", detail),
      yAxis(box, up, { ticks, format: String }),
      ...marks.map((d, i) =>
        d.length === 0
          ? ""
          : element("path", { d: d.join(""), fill: "none", stroke: POLARITIES[i], "stroke-width": 1.5 }),
      ),
      xAxis(box, right, { label: "time (ms)" }),
    ],
  });
}

/** Frames of events, as `eventFrames` of `spikevine/data` returns them. */
export interface PlottedFrames {
  readonly shape: readonly [frames: number, polarities: number, height: number, width: number];
  /** `[frames, polarities, height, width]` */
  readonly data: Uint16Array;
}

interface FramePlotOptions {
  readonly title?: string;
  readonly frames: PlottedFrames;
  /** Most frames that are drawn, evenly spaced. Default: 12. */
  readonly most?: number;
}

const checkFrames = signature("eventFramePlot", {
  options: fields<FramePlotOptions>(
    {
      title: optional(text()),
      frames: fields<PlottedFrames>({
        shape: list(whole(0), 4),
        data: typedArray("a Uint16Array of counts", ["Uint16Array"]),
      }),
      most: optional(whole(1, 100)),
    },
    { root: "options" },
  ),
});

/** Most pixels of all drawn frames that are written one by one. */
const MOST_PIXELS = 200_000;

/**
 * Frames of events side by side: a pixel is orange where on events and blue where off events are more, and darker for more events.
 * Returns an SVG picture.
 * @throws SpikevineError if the shape does not fit the data, or the frames are too large to draw.
 */
export function eventFramePlot(options: FramePlotOptions): string {
  checkFrames([options]);
  const { frames, most = 12, title = "Frames of events" } = options;
  const [count, polarities, height, width] = frames.shape;
  const size = polarities * height * width;
  if (count * size !== frames.data.length || size === 0) {
    throw new SpikevineError(
      `eventFramePlot: frames.shape is [${frames.shape.join(", ")}], but data has ${frames.data.length} values; give frames of eventFrames.`,
    );
  }
  const shown = Math.min(count, most, Math.floor(MOST_PIXELS / (height * width)));
  if (shown === 0 && count > 0) {
    throw new SpikevineError(
      `eventFramePlot: a frame has ${height} x ${width} pixels, more than ${MOST_PIXELS.toLocaleString("en")}; downsample the events.`,
    );
  }
  const columns = Math.max(1, Math.min(shown, 4));
  const cell = Math.max(1, Math.floor((WIDTH - LEFT) / columns / width) - 1);
  const [wide, high] = [cell * width, cell * height];
  const numbersOf = Array.from({ length: shown }, (_, i) => Math.floor((i * count) / shown));
  const content = numbersOf.map((frame, i) => {
    const box: Box = {
      left: 16 + (i % columns) * (wide + 16),
      top: 64 + Math.floor(i / columns) * (high + 34),
      width: wide,
      height: high,
    };
    const paper = element("rect", { x: box.left, y: box.top, width: wide, height: high, fill: STYLE.grid });
    const values = frames.data.subarray(frame * size, (frame + 1) * size);
    return heading(box, box.top - 6, `frame ${frame}`) + paper + pixels(values, frames.shape, box, cell);
  });
  return figure({
    width: Math.max(240, 16 + columns * (wide + 16)),
    height: 64 + Math.ceil(shown / columns) * (high + 34),
    title,
    description: `${count} frames of ${width} x ${height} pixels${shown < count ? `, ${shown} drawn` : ""}`,
    content,
  });
}

function pixels(
  values: Uint16Array,
  [, polarities, height, width]: PlottedFrames["shape"],
  box: Box,
  cell: number,
): string {
  const plane = height * width;
  let largest = 1;
  for (const value of values) largest = Math.max(largest, value);
  const drawn: string[] = [];
  for (let i = 0; i < plane; i++) {
    const off = values[i]!;
    const on = polarities > 1 ? values[plane + i]! : 0;
    if (off + on === 0) continue;
    drawn.push(
      element("rect", {
        x: box.left + (i % width) * cell,
        y: box.top + Math.floor(i / width) * cell,
        width: cell,
        height: cell,
        fill: POLARITIES[on >= off ? 1 : 0],
        opacity: 0.3 + (0.7 * Math.max(off, on)) / largest,
      }),
    );
  }
  return drawn.join("");
}
