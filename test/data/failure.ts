import { expect } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";

/** The message of the error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(SpikevineError);
  return (error as Error).message;
}
