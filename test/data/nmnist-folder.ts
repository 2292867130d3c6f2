import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Five bytes of an event, as the format has them. */
export const event = (x: number, y: number, p: number, t: number): number[] => [
  x,
  y,
  (p << 7) + Math.floor(t / 65536),
  Math.floor(t / 256) % 256,
  t % 256,
];

/** A recording of 100 ms: every 5 ms, a row of pixels that depends on the digit fires. */
const recording = (digit: number, sample: number): number[] =>
  Array.from({ length: 20 }, (_, i) =>
    Array.from({ length: 12 }, (_, x) => event(2 + x, 3 * digit + 2, i % 2, 5000 * i + 10 * x + sample)),
  ).flat(2);

/** A folder in the form of N-MNIST, with these numbers of recordings of every digit. */
export async function nmnistFolder(train: number, test: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "spikevine-nmnist-"));
  for (const [split, count] of [
    ["Train", train],
    ["Test", test],
  ] as const) {
    for (let digit = 0; digit < 10; digit++) {
      const path = join(folder, split, String(digit));
      await mkdir(path, { recursive: true });
      for (let sample = 0; sample < count; sample++) {
        const file = `${String(10 * sample + digit).padStart(5, "0")}.bin`;
        await writeFile(join(path, file), Uint8Array.from(recording(digit, sample)));
      }
    }
  }
  return folder;
}
