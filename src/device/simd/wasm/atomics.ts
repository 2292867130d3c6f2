import { type Code, signed, unsigned } from "./encoding.js";
import { sequence } from "./instructions.js";

/** Atomic instructions demand the alignment of their words, and add a constant offset to the address. */
const atomic =
  (opcode: number) =>
  (offset: number, ...operands: readonly Code[]): Code =>
    sequence(...operands, [0xfe, opcode, 2, ...unsigned(offset)]);

/** Words of 32 bits in shared memory. */
export const atomics = {
  /** Wakes up to as many threads as the operand tells; gives their number. */
  notify: atomic(0x00),
  /** Sleeps while the word has the value of the second operand, at most the third in ns (64 bits). Gives 2 after that time. */
  wait: atomic(0x01),
  load: atomic(0x10),
  store: atomic(0x17),
  /** Adds, and gives the value before. */
  add: atomic(0x1e),
};

/** A 64-bit constant below 2^31. */
export const i64Const = (value: number): Code => [0x42, ...signed(value)];
