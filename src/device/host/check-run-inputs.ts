import { LARGEST_SEED } from "../../random/seed.js";
import type { Plan, Procedure, RunInputs } from "../contract.js";
import { draws } from "./encode.js";

/** Inputs of a run with all optional fields filled in. */
export interface CheckedRun {
  readonly samples: number;
  readonly signals: Readonly<Record<string, Float32Array | Float64Array>>;
  readonly sampleIds: Uint32Array | undefined;
  readonly seed: number;
  readonly epoch: number;
  readonly firstStep: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** Inputs that may be in double precision, for the devices that compute in it. */
export type RunInputsOfAnyPrecision = Omit<RunInputs, "signals"> & {
  readonly signals?: Readonly<Record<string, Float32Array | Float64Array>>;
};

/**
 * Checks the inputs of a run against its procedure. Throws an Error that names the procedure and the input if a signal
 * is missing or its length is not samples times width, if samples are not 1 .. batch, or if draws or updates lack
 * sample identities or scalars.
 */
export function checkRunInputs(plan: Plan, name: string, inputs: RunInputsOfAnyPrecision): CheckedRun {
  const fail = (what: string): never => {
    throw new Error(`run of procedure "${name}": ${what}`);
  };
  const procedure = plan.procedures[name];
  if (procedure === undefined) {
    throw new Error(`no procedure "${name}" in the plan; it has ${Object.keys(plan.procedures).join(", ")}`);
  }
  const { samples, signals = {}, sampleIds, seed = 0, epoch = 0, firstStep = 0, scalars = {} } = inputs;
  if (!Number.isInteger(samples) || samples < 1 || samples > procedure.batch) {
    fail(`samples is ${samples}; give an integer from 1 to ${procedure.batch}`);
  }
  for (const [field, value] of Object.entries({ seed, epoch })) {
    if (Number.isInteger(value) && value >= 0 && value <= LARGEST_SEED) continue;
    fail(`${field} is ${value}; give an integer from 0 to ${LARGEST_SEED}`);
  }
  if (!Number.isInteger(firstStep) || firstStep < 0) fail(`firstStep is ${firstStep}; give an integer from 0 up`);
  if (firstStep > 0 && procedure.operations.some((operation) => operation.op === "adjointScan")) {
    fail(`firstStep is ${firstStep}, but it has an adjoint scan, which covers runs from step 0 only`);
  }
  for (const [signal, spec] of Object.entries(procedure.signals)) {
    if (spec.role !== "input") continue;
    const data = signals[signal];
    if (data === undefined) fail(`input signal "${signal}" is missing; give ${samples * spec.width} numbers`);
    else if (data.length !== samples * spec.width) {
      fail(`input signal "${signal}" has ${data.length} numbers; give ${samples} samples of ${spec.width}`);
    }
  }
  for (const signal of Object.keys(signals)) {
    if (procedure.signals[signal]?.role !== "input") fail(`"${signal}" is not an input signal`);
  }
  if (drawsNumbers(procedure) && (sampleIds === undefined || sampleIds.length < samples)) {
    fail(`it draws random numbers and needs sampleIds, one for each of ${samples} samples`);
  }
  for (const operation of procedure.operations) {
    if (operation.op !== "update") continue;
    for (const scalar of Object.values(operation.uniforms)) {
      if (scalars[scalar] === undefined) fail(`scalar "${scalar}" is missing (rule ${operation.rule.name})`);
    }
  }
  return { samples, signals, sampleIds, seed, epoch, firstStep, scalars };
}

function drawsNumbers(procedure: Procedure): boolean {
  return procedure.operations.some(
    (operation) => operation.op === "dropoutMask" || (operation.op === "encode" && draws(operation.encoder)),
  );
}
