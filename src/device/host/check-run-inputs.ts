import { LARGEST_SEED } from "../../random/seed.js";
import type { Plan, Procedure, RunInputs } from "../contract.js";
import { draws, usesBefore } from "./encode.js";
import { checkSpikeBits, wordsOf } from "./spike-bits.js";

/** Inputs of a run with all optional fields filled in. */
export interface CheckedRun {
  readonly samples: number;
  /** Values, and bits of spikes. */
  readonly signals: Readonly<Record<string, Float32Array | Float64Array | Uint32Array>>;
  readonly sampleIds: Uint32Array | undefined;
  readonly seed: number;
  readonly epoch: number;
  readonly firstStep: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** Inputs that may be in double precision, for the devices that compute in it. */
export type RunInputsOfAnyPrecision = Omit<RunInputs, "signals"> & {
  readonly signals?: Readonly<Record<string, Float32Array | Float64Array | Uint32Array>>;
};

/**
 * Checks the inputs of a run against its procedure. Throws an Error that names the procedure and the input if a signal
 * is missing, has another kind or length, or has spikes after its last unit, if samples are not 1 .. batch, or if draws or updates lack
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
    const isBits = spec.kind === "spikes";
    const row = isBits ? wordsOf(spec.width) : spec.width;
    const rows = spec.rows === "steps" ? procedure.steps : 1;
    const things = isBits ? "words of bits" : "numbers";
    if (data === undefined) fail(`input signal "${signal}" is missing; give ${samples * rows * row} ${things}`);
    else if (data instanceof Uint32Array !== isBits) fail(`input signal "${signal}" is not ${things}`);
    else if (data.length !== samples * rows * row) {
      const size = rows === 1 ? `${row}` : `${rows} x ${row}`;
      fail(`input signal "${signal}" has ${data.length} ${things}; give ${samples} samples of ${size}`);
    } else if (data instanceof Uint32Array && checkSpikeBits(data, spec.width) !== undefined) {
      fail(`input signal "${signal}" has bits after its unit ${spec.width - 1}; leave them 0`);
    }
  }
  for (const signal of Object.keys(signals)) {
    if (procedure.signals[signal]?.role !== "input") fail(`"${signal}" is not an input signal`);
  }
  if (drawsNumbers(procedure) && (sampleIds === undefined || sampleIds.length < samples)) {
    fail(`it draws random numbers and needs sampleIds, one for each of ${samples} samples`);
  }
  for (const operation of procedure.operations) {
    if (operation.op === "encode" && firstStep > 0 && operation.before === undefined) {
      const { encoder, from } = operation;
      if (procedure.signals[from]!.rows === "steps" && usesBefore(encoder)) {
        fail(`firstStep is ${firstStep}, but the encoder ${encoder.name} has no values of the step before ("before")`);
      }
    }
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
