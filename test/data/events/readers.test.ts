import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAedat, parseNpyEvents } from "#spikevine/src/data/index";
import { serializeNpy } from "#spikevine/src/io/index";
import { aedat2, aedat31 } from "./aedat-files.js";

const fixture = (name: string): Uint8Array => readFileSync(join(import.meta.dirname, "fixtures", name));
const { events } = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/tonic-events.json"), "utf8")) as {
  events: Record<"x" | "y" | "p" | "t", number[]>;
};
const first50 = {
  x: Uint16Array.from(events.x.slice(0, 50)),
  y: Uint16Array.from(events.y.slice(0, 50)),
  p: Uint8Array.from(events.p.slice(0, 50)),
  t: Float64Array.from(events.t.slice(0, 50)),
};

describe("events that NumPy stored", () => {
  it("are read from a structured array and from numbers", () => {
    expect(parseNpyEvents(fixture("events-structured.npy"), "a.npy")).toEqual(first50);
    expect(parseNpyEvents(fixture("events-table.npy"), "a.npy", { unit: "ms" })).toEqual(first50);
    const swapped = serializeNpy({ shape: [2, 3], data: Float64Array.of(5, -1, 7, 6, 1, 8) });
    expect(parseNpyEvents(swapped, "a.npy", { columns: "tpx" })).toEqual({
      x: Uint16Array.of(7, 8),
      p: Uint8Array.of(0, 1),
      t: Float64Array.of(5, 6),
    });
  });

  it.each<[Uint8Array, object, RegExp]>([
    [Uint8Array.of(1, 2, 3), {}, /"a\.npy" is not an \.npy file/],
    [serializeNpy({ shape: [4], data: new Float64Array(4) }), {}, /has the shape \[4\], not \[events, 4\]/],
    [
      serializeNpy({ shape: [1, 2], data: Float64Array.of(-1, 0) }),
      { columns: "xt" },
      /has x -1 at event 0; give whole numbers/,
    ],
    [serializeNpy({ shape: [1, 2], data: Float64Array.of(1, Number.NaN) }), { columns: "xt" }, /has t NaN at event 0/],
    [fixture("events-structured.npy"), { columns: "xy" }, /is read with the columns "xy"; give x, t/],
    [fixture("events-structured.npy").subarray(0, 800), {}, /bytes of events, but 50 of 13 bytes are declared/],
  ])("are refused if they are something else", (file, options, message) => {
    expect(() => parseNpyEvents(file, "a.npy", options)).toThrow(message);
  });
});

describe("AEDAT", () => {
  const given = [
    { x: 127, y: 3, p: 1, t: 5 },
    { x: 0, y: 127, p: 0, t: 70_000 },
  ];
  const read = { x: Uint16Array.of(127, 0), y: Uint16Array.of(3, 127), p: Uint8Array.of(1, 0) };

  it("2.0 is read", () => {
    expect(parseAedat(aedat2(given), "a.aedat")).toEqual({ ...read, t: Float64Array.of(5, 70_000) });
  });

  it("3.1 is read: polarity events that are valid, with overflows of the clock", () => {
    const file = aedat31([
      { type: 1, overflow: 0, events: [given[0]!, { x: 1, y: 1, p: 1, t: 1, isInvalid: true }] },
      { type: 0, overflow: 0, events: [{ x: 9, y: 9, p: 1, t: 1 }] },
      { type: 1, overflow: 1, events: [given[1]!], room: 3 },
    ]);
    expect(parseAedat(file, "a.aedat")).toEqual({ ...read, t: Float64Array.of(5, 70_000 + 2 ** 31) });
    expect(() => parseAedat(file.subarray(0, file.length - 1), "a.aedat")).toThrow(
      /has a packet of 3 events of 8 bytes, which is cut off/,
    );
  });

  it.each<[string, RegExp]>([
    ["hello", /is not an AEDAT file/],
    ["#!AER-DAT4.0\r\n", /is a file of AEDAT 4\.0; give a recording/],
    ["#!AER-DAT2.0\r\n# no end", /is cut off inside its header/],
    ["#!AER-DAT2.0\r\n12345", /has 5 bytes of events, not whole ones of 8/],
    ["#!AER-DAT3.1\r\n12345", /is cut off inside the header of a packet/],
  ])("%j is refused", (text, message) => {
    expect(() => parseAedat(new TextEncoder().encode(text), "a.aedat")).toThrow(message);
  });
});
