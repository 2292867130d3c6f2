import type { SynapseKernel } from "../equations/kernels.js";
import { SpikevineError } from "../errors.js";

/**
 * The error for a step at which a synapse's scheme is unstable, with the step that would do.
 * @param index Of the state among those of `kernel.stiffness`.
 * @param stiffness Its value there, above 1.
 */
export function unstableSynapse(
  kernel: SynapseKernel,
  index: number,
  stiffness: number,
  at: { readonly integrator: string; readonly dt: number; readonly t: number; readonly signal: number },
): SpikevineError {
  const state = Object.keys(kernel.stiffness)[index]!;
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  return new SpikevineError(
    `plasticity/${kernel.name}: at ${shown(at.t)} ms the signal ${shown(at.signal)} makes ${at.integrator} unstable in ${state} with dt ${shown(at.dt)} ms; use dt up to ${shown(at.dt / stiffness)} ms, or the integrator semiImplicit or exponentialEuler.`,
  );
}
