import { fields, optional, typedArray } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";

/**
 * Events of one recording, in any order: an event camera reports a change of brightness at pixel (x, y) with polarity p
 * at time t. Arrays of equal length; y and p may be left out where they are always 0, as for a cochlea.
 */
export interface Events {
  readonly x: Uint16Array;
  readonly y?: Uint16Array;
  readonly p?: Uint8Array;
  /** Microseconds since the recording began. */
  readonly t: Uint32Array | Float64Array;
}

/** A recording as an argument; its events are checked when it is read. */
export const EVENTS = fields<Events>({
  x: typedArray("a Uint16Array of columns", ["Uint16Array"]),
  y: optional(typedArray("a Uint16Array of rows", ["Uint16Array"])),
  p: optional(typedArray("a Uint8Array of polarities", ["Uint8Array"])),
  t: typedArray("a Uint32Array or Float64Array of microseconds", ["Float64Array", "Uint32Array"]),
});

/** @throws SpikevineError naming the first event that lies outside the sensor or has no time. */
export function checkEvents(
  { x, y, p, t }: Events,
  [channels, height, width]: readonly [number, number, number],
  what: string,
): void {
  for (const [name, values] of Object.entries({ x, y, p })) {
    if (values !== undefined && values.length !== t.length) {
      throw new SpikevineError(
        `data: ${what}: ${name} has ${values.length} events, but t has ${t.length}; give arrays of equal length.`,
      );
    }
  }
  for (let i = 0; i < t.length; i++) {
    const place = [p?.[i] ?? 0, y?.[i] ?? 0, x[i]!] as const;
    if (place[0] >= channels || place[1] >= height || place[2] >= width) {
      throw new SpikevineError(
        `data: ${what}: event ${i} has p ${place[0]}, y ${place[1]}, x ${place[2]}, outside the shape ${channels} x ${height} x ${width}; give the sensor's shape, or leave the event out.`,
      );
    }
    if (!(t[i]! >= 0 && Number.isFinite(t[i]))) {
      throw new SpikevineError(`data: ${what}: event ${i} has the time ${t[i]}; give microseconds of at least 0.`);
    }
  }
}

/** Time of the last event, microseconds; -1 without events. */
export function lastTime({ t }: Events): number {
  let last = -1;
  for (let i = 0; i < t.length; i++) if (t[i]! > last) last = t[i]!;
  return last;
}
