/** Host code that devices share: checks of plans and runs, and operations that a device may run on the host. */
export { checkMemory, planBytes } from "./check-memory.js";
export { checkPlan } from "./check-plan.js";
export { type CheckedRun, checkRunInputs, type RunInputsOfAnyPrecision } from "./check-run-inputs.js";
export { type DropoutMaskRun, dropoutMaskOnHost } from "./dropout-mask.js";
export { draws, type EncodeRun, encodeOnHost, type HostEncoder, usesBefore } from "./encode.js";
export { type CompiledFormulas, compileFormulas, type Precision } from "./formulas.js";
export { largestSignal } from "./largest-signal.js";
export { type CompiledLoss, compileLoss, lossOnHost } from "./loss.js";
export { checkMachine, machineMemory } from "./machine-memory.js";
export { namesIn } from "./names-in.js";
export { neuronFormulas } from "./neuron-formulas.js";
export { unpackSpikes, wordsOf } from "./spike-bits.js";
