/**
 * Fused arithmetic: a product and its addition to a sum are one instruction, `f32x4.relaxed_madd` of WebAssembly's
 * relaxed SIMD, which rounds once instead of twice. The standard lets an engine round twice on a processor without such
 * an instruction. So this is a device of its own, and it is refused where the engine rounds twice.
 */

/** A function (a, b, c) that returns the first lane of `f32x4.relaxed_madd` of three splats. */
const RELAXED_MODULE = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x01, 0x60, 0x03, 0x7d, 0x7d, 0x7d, 0x01, 0x7d, 0x03,
  0x02, 0x01, 0x00, 0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00, 0x0a, 0x16, 0x01, 0x14, 0x00, 0x20, 0x00, 0xfd, 0x13,
  0x20, 0x01, 0xfd, 0x13, 0x20, 0x02, 0xfd, 0x13, 0xfd, 0x85, 0x02, 0xfd, 0x1f, 0x00, 0x0b,
]);

/** The first lane of a relaxed product and sum; undefined if the engine has no such instruction. */
export type RelaxedMadd = ((a: number, b: number, c: number) => number) | undefined;

/** The instruction of this engine. */
async function relaxedMadd(): Promise<RelaxedMadd> {
  if (!WebAssembly.validate(RELAXED_MODULE)) return undefined;
  const { instance } = await WebAssembly.instantiate(RELAXED_MODULE);
  return instance.exports.f as RelaxedMadd;
}

let here: Promise<string | undefined> | undefined;

/** `whyNotFused` of this engine on this processor, which cannot change while a process runs. */
export function whyNotFusedHere(): Promise<string | undefined> {
  here ??= relaxedMadd().then(whyNotFused);
  return here;
}

/** Reason why fused arithmetic is not available, with the fix; undefined if it is. */
export function whyNotFused(madd: RelaxedMadd): string | undefined {
  if (madd === undefined) {
    return "this JavaScript engine has no relaxed SIMD; run it in Node 22 or newer, or use the device simd";
  }
  // The exact sum is 2^-24. A product that is rounded first is 1 + 2^-11, and the sum is 0.
  const one = 1 + 2 ** -12;
  if (madd(one, one, -(1 + 2 ** -11)) !== 2 ** -24) {
    return "this processor, or the engine on it, rounds products before it adds them; use the device simd";
  }
  return undefined;
}
