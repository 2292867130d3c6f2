import { mix } from "../random/counter.js";

/**
 * Checksum of 64 bits that depends on every byte of an array. It detects damage, not forgery. Every step maps its words
 * one to one, so a change within one word is always detected. Plain JavaScript, since browsers hash only
 * asynchronously.
 */
export function checksum(array: ArrayBufferView): [low: number, high: number] {
  const { buffer, byteOffset, byteLength } = array;
  const view = new DataView(buffer, byteOffset, byteLength);
  let a = byteLength;
  let b = 0x9e3779b9;
  const whole = byteLength - (byteLength % 4);
  for (let at = 0; at < whole; at += 4) {
    a = mix(a ^ view.getUint32(at, true));
    b = (Math.imul(b, 31) + a) | 0;
  }
  for (let at = whole; at < byteLength; at++) a = mix(a ^ view.getUint8(at));
  return [a >>> 0, mix(b ^ a) >>> 0];
}

/** A checksum as text. */
export function digest(array: ArrayBufferView): string {
  const [low, high] = checksum(array);
  return `${low.toString(16)}${high.toString(16)}`;
}

export const digestText = (text: string): string =>
  digest(Uint16Array.from(text, (character) => character.charCodeAt(0)));
