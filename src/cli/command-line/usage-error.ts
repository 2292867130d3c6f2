import { SpikevineError } from "../../errors.js";

/** An error of the command line itself (an unknown flag, a missing value). Its exit code is 2 instead of 1. */
export class UsageError extends SpikevineError {
  override readonly name = "UsageError";
}
