import { SpikevineError } from "../../errors.js";

/** The command line itself is wrong (an unknown flag, a missing value): exit code 2 instead of 1. */
export class UsageError extends SpikevineError {
  override readonly name = "UsageError";
}
