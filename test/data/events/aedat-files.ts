interface Pixel {
  readonly x: number;
  readonly y: number;
  readonly p: number;
  readonly t: number;
  readonly isInvalid?: true;
}

/** A recording of a DVS128 in AEDAT 2.0, as jAER writes it. */
export function aedat2(events: readonly Pixel[]): Uint8Array {
  const header = Buffer.from("#!AER-DAT2.0\r\n# This is a raw AE data file\r\n");
  const content = Buffer.alloc(8 * events.length);
  events.forEach(({ x, y, p, t }, i) => {
    content.writeUInt32BE((x << 8) | (y << 1) | p, 8 * i);
    content.writeUInt32BE(t, 8 * i + 4);
  });
  return Buffer.concat([header, content]);
}

/** A recording in AEDAT 3.1. */
export function aedat31(
  packets: readonly { type: number; overflow: number; events: readonly Pixel[]; room?: number }[],
): Uint8Array {
  const parts: Buffer[] = [Buffer.from("#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n")];
  for (const { type, overflow, events, room = events.length } of packets) {
    const packet = Buffer.alloc(28 + 8 * room);
    packet.writeInt16LE(type, 0);
    [8, 4, overflow, room, events.length, events.length].forEach((value, i) => {
      packet.writeInt32LE(value, 4 + 4 * i);
    });
    events.forEach(({ x, y, p, t, isInvalid }, i) => {
      packet.writeUInt32LE(((x << 17) | (y << 2) | (p << 1) | (isInvalid ? 0 : 1)) >>> 0, 28 + 8 * i);
      packet.writeInt32LE(t, 32 + 8 * i);
    });
    parts.push(packet);
  }
  return Buffer.concat(parts);
}
