import type { Network } from "../../../networks/network.js";
import { SpikevineError } from "../../errors.js";

/**
 * @throws SpikevineError if a presentation of the network ends before its encoder has fired, since spikes of faint
 * pixels would be lost.
 */
export function checkPresentation({ encoder, steps, dt }: Network): void {
  const { within } = encoder.spec;
  if (within === undefined) return;
  const { value, shown } = encoder.parameters[within]!;
  if (value <= steps * dt * (1 + 1e-9)) return;
  throw new SpikevineError(
    `encoders/${encoder.name}: "${within}" is ${shown}, longer than a presentation of ${steps} steps of ${dt} ms; give at most ${Number((steps * dt).toPrecision(12))} ms, or at least ${Math.ceil(value / dt - 1e-9)} steps.`,
  );
}
