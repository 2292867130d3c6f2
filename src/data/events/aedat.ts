import { bytes, signature, text } from "../../arguments/index.js";
import { broken } from "../idx.js";
import type { Events } from "../series/events.js";

const check = signature("parseAedat", { file: bytes, name: text() });

/** Bytes of an event: its address (or data) and its time. */
const EVENT = 8;
/** Bytes of the header of a packet of AEDAT 3.1. */
const PACKET = 28;
/** Type of packets with events of pixels. */
const POLARITY = 1;
const FIX = "give a recording of an event camera in AEDAT 2.0 or 3.1";

/**
 * Reads a recording in AEDAT 2.0 or 3.1.
 * - AEDAT 2.0: 8 bytes per event, big-endian: an address and a time in microseconds. The address is that of a DVS128, with x in bits 8 to 14,
 *   y in bits 1 to 7 and the polarity in bit 0, as tonic reads DVS recordings of 128 x 128 pixels.
 * - AEDAT 3.1: packets with a header of 28 bytes, little-endian; of those with polarity events, the events that are marked as
 *   valid: y in bits 2 to 16, x in bits 17 to 31, polarity in bit 1. The time is that of the event and 2^31 times the overflow of the packet.
 * Times are those of the file: `alignTime` makes them begin at 0.
 * @param name the file's name, for messages
 * @throws SpikevineError naming the file: another format or version, or cut off
 * Source: the AEDAT 3.1 specification of iniVation; tonic 1.6, `read_dvs_128` and `read_dvs_ibm`.
 */
export function parseAedat(file: Uint8Array, name: string): Events {
  check([file, name]);
  const { version, start } = headerOf(file, name);
  const content = new DataView(file.buffer, file.byteOffset + start, file.length - start);
  return version === "2.0" ? addresses(content, name) : packets(content, name);
}

/** The version in the first line, and the position after the lines that begin with #. */
function headerOf(file: Uint8Array, name: string): { version: "2.0" | "3.1"; start: number } {
  const first = String.fromCharCode(...file.subarray(0, 32));
  const version = /^#!AER-DAT(\d+\.\d+)\r?\n/.exec(first)?.[1];
  if (version === undefined) throw broken(name, "is not an AEDAT file", FIX);
  if (version !== "2.0" && version !== "3.1") throw broken(name, `is a file of AEDAT ${version}`, FIX);
  const end = version === "3.1" ? endMark(file) : undefined;
  if (end !== undefined) return { version, start: end };
  let start = 0;
  while (file[start] === 0x23) {
    const newline = file.indexOf(0x0a, start);
    if (newline < 0) throw broken(name, "is cut off inside its header", FIX);
    start = newline + 1;
  }
  return { version, start };
}

/** Position after the line `#!END-HEADER` of AEDAT 3.1; the first packet may begin with the byte of #. */
function endMark(file: Uint8Array): number | undefined {
  const mark = "#!END-HEADER\r\n";
  const text = new TextDecoder("latin1").decode(file.subarray(0, 2 ** 16));
  const at = text.indexOf(mark);
  return at < 0 ? undefined : at + mark.length;
}

function addresses(content: DataView, name: string): Events {
  if (content.byteLength % EVENT !== 0) {
    throw broken(name, `has ${content.byteLength} bytes of events, not whole ones of ${EVENT}`, "give a whole file");
  }
  const count = content.byteLength / EVENT;
  const events = room(count);
  for (let i = 0; i < count; i++) {
    const address = content.getUint32(EVENT * i);
    events.x[i] = (address >>> 8) & 0x7f;
    events.y[i] = (address >>> 1) & 0x7f;
    events.p[i] = address & 1;
    events.t[i] = content.getUint32(EVENT * i + 4);
  }
  return events;
}

function packets(content: DataView, name: string): Events {
  // No packet has more events than the file has room for.
  const events = room(Math.floor(content.byteLength / EVENT));
  let count = 0;
  for (let at = 0; at < content.byteLength; ) {
    if (at + PACKET > content.byteLength) throw broken(name, "is cut off inside the header of a packet", FIX);
    const type = content.getUint16(at, true);
    const size = content.getUint32(at + 4, true);
    const overflow = content.getUint32(at + 12, true);
    const capacity = content.getUint32(at + 16, true);
    const stored = content.getUint32(at + 20, true);
    const end = at + PACKET + size * capacity;
    if (end > content.byteLength) {
      throw broken(name, `has a packet of ${capacity} events of ${size} bytes, which is cut off`, FIX);
    }
    if (stored > capacity) throw broken(name, `has a packet of ${stored} events with room for ${capacity}`, FIX);
    if (type === POLARITY && size !== EVENT) {
      throw broken(name, `has a packet with events of ${size} bytes, not ${EVENT}`, FIX);
    }
    for (let i = 0; type === POLARITY && i < stored; i++) {
      const data = content.getUint32(at + PACKET + EVENT * i, true);
      if ((data & 1) === 0) continue;
      events.x[count] = data >>> 17;
      events.y[count] = (data >>> 2) & 0x7fff;
      events.p[count] = (data >>> 1) & 1;
      events.t[count] = content.getInt32(at + PACKET + EVENT * i + 4, true) + overflow * 2 ** 31;
      if (!(events.t[count]! >= 0)) throw broken(name, `has an event at ${events.t[count]} us`, FIX);
      count++;
    }
    at = end;
  }
  const { x, y, p, t } = events;
  return { x: x.slice(0, count), y: y.slice(0, count), p: p.slice(0, count), t: t.slice(0, count) };
}

const room = (count: number) => ({
  x: new Uint16Array(count),
  y: new Uint16Array(count),
  p: new Uint8Array(count),
  t: new Float64Array(count),
});
