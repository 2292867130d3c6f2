import type { Network } from "../../../networks/network.js";
import type { Operation, SignalSpec } from "../../device/contract.js";
import { usesBefore } from "../../device/host/encode.js";
import { STREAM } from "../../random/counter.js";
import type { InputForm } from "../loop/check-input.js";

/** Input signal of the values of the step before the run's first, if the encoder needs it. */
export const VALUES_BEFORE = "pixels.before";

/** True if a run that continues a presentation needs the values of the step before its first. */
export const needsBefore = ({ encoder, dt }: Pick<Network, "encoder" | "dt">, input: InputForm): boolean =>
  input === "values" && usesBefore(encoder.kernel({ dt }));

/**
 * Adds the input of a procedure and its encoder; returns the name of the signal that the first layer reads. Spikes enter
 * as they are.
 */
export function addInput(
  { encoder: definition, dt, inputs: width }: Network,
  options: { readonly input: InputForm; readonly stream: boolean; readonly role: "result" | "scratch" },
  signals: Record<string, SignalSpec>,
  operations: Operation[],
): string {
  const { input, stream, role } = options;
  if (input === "spikes") {
    signals.pixels = { kind: "spikes", width, rows: "steps", role: "input" };
    return "pixels";
  }
  const encoder = definition.kernel({ dt });
  const rows = input === "values" ? "steps" : "sample";
  signals.pixels = { kind: "values", width, rows, role: "input" };
  const before = stream && needsBefore({ encoder: definition, dt }, input) ? { before: VALUES_BEFORE } : {};
  if (before.before !== undefined) signals[before.before] = { kind: "values", width, rows: "sample", role: "input" };
  signals.input = { kind: encoder.output, width, rows: encoder.static ? rows : "steps", role };
  operations.push({ op: "encode", encoder, stream: STREAM.encoder, from: "pixels", to: "input", ...before });
  return "input";
}
