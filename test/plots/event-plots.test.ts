import { expect, it } from "vitest";
import { eventFramePlot, eventPlot } from "#spikevine/src/plots/index";
import { expectGoodSvg } from "./good-svg.js";

it("eventPlot draws every event in the color of its polarity", () => {
  const svg = eventPlot({
    title: "A <hand>",
    events: { x: [0, 1, 3], y: [0, 0, 0], p: [0, 1, 1], t: [0, 500, 2000] },
    width: 4,
  });
  expectGoodSvg(svg);
  expect(svg).toContain("3 events");
  const [off, on] = ["#0072b2", "#d55e00"].map(
    (color) => new RegExp(`<path d="([^"]*)" fill="none" stroke="${color}"`).exec(svg)![1]!,
  );
  expect([off!.split("M").length - 1, on!.split("M").length - 1]).toEqual([1, 2]);
  expectGoodSvg(eventPlot({ events: { x: [], t: [] }, width: 700 }));
});

it("eventFramePlot draws the pixels with events, of evenly spaced frames", () => {
  const data = new Uint16Array(30 * 2 * 2 * 3);
  data[0] = 4;
  data[6 + 1] = 2;
  const svg = eventFramePlot({ frames: { shape: [30, 2, 2, 3], data }, most: 10 });
  expectGoodSvg(svg);
  expect(svg).toContain("30 frames of 3 x 2 pixels, 10 drawn");
  expect(svg.match(/frame \d+/g)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27].map((frame) => `frame ${frame}`));
  expect(svg.match(/ fill="#0072b2"/g)).toHaveLength(1);
  expect(svg.match(/ fill="#d55e00"/g)).toHaveLength(1);
  expect(() => eventFramePlot({ frames: { shape: [1, 1, 2, 2], data } })).toThrow(
    /shape is \[1, 1, 2, 2\], but data has 360 values/,
  );
  expectGoodSvg(eventFramePlot({ frames: { shape: [0, 1, 2, 2], data: new Uint16Array(0) } }));
});
