import { type Code, TYPE } from "../../wasm/encoding.js";
import { get, i32 } from "../../wasm/instructions.js";
import type { FunctionBuilder } from "../../wasm/module.js";

/**
 * Runs the body for every four channels of a pixel: `offset` is code of their byte offset, `valid` the number of existing
 * channels, fewer than four in the last group.
 */
export function eachFourChannels(
  f: FunctionBuilder,
  channels: number,
  body: (offset: Code, valid: number) => void,
): void {
  const whole = Math.floor(channels / 4) * 16;
  if (whole === 16) body(i32.const(0), 4);
  else if (whole > 0) f.range(i32.const(0), i32.const(whole), 16, (offset) => body(get(offset), 4));
  if (channels % 4 > 0) body(get(f.let(TYPE.i32, i32.const(whole))), channels % 4);
}
