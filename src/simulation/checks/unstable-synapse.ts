import { roundedDown } from "../../equations/analysis/stability.js";
import { stepAdvice } from "../../equations/analysis/step-advice.js";
import type { SynapseDefinition } from "../../equations/definitions/synapse.js";
import type { SynapseKernel } from "../../equations/kernels/kernels.js";
import { freeSymbols } from "../../equations/language/expression.js";
import { SpikevineError } from "../../errors.js";

/**
 * The error for a step at which a synapse's scheme is unstable, with a step that is stable.
 * @param index Index of the state among those of `kernel.stiffness`.
 * @param stiffness Its value there, at least 1.
 */
export function unstableSynapse(
  kernel: SynapseKernel,
  index: number,
  stiffness: number,
  at: { readonly integrator: string; readonly dt: number; readonly t: number; readonly signal: number },
): SpikevineError {
  const [state, formula] = Object.entries(kernel.stiffness)[index]!;
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  // The other schemes require equations that are linear in their own variable.
  const others = freeSymbols([formula]).includes(state) ? "" : ", or the integrator semiImplicit or exponentialEuler";
  return new SpikevineError(
    `plasticity/${kernel.name}: at ${shown(at.t)} ms the signal ${shown(at.signal)} makes ${at.integrator} unstable in ${state} with dt ${shown(at.dt)} ms; use dt up to ${roundedDown(at.dt / stiffness)} ms${others}.`,
  );
}

/**
 * Refuses a step that is too long for a synapse's schemes in any state. Returns advice if an estimate at the start says
 * that it may be too long.
 * @param field Name of the step in the error.
 */
export function refuseUnstable(definition: SynapseDefinition, dt: number, field: string): string | undefined {
  const names = { field, of: `plasticity/${definition.name}`, dt };
  const found = definition.instabilities({ dt });
  const certain = found.find(({ varies }) => varies.every((name) => name === "signal"));
  if (certain !== undefined) throw new SpikevineError(stepAdvice(certain, definition, names));
  return found[0] && stepAdvice(found[0], definition, names);
}
