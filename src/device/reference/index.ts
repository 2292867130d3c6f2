import type { Device, DeviceReport, Plan } from "../contract.js";
import { checkMemory, checkPlan, type Precision } from "../host/index.js";
import { ReferenceProgram } from "./program.js";

export { ReferenceProgram } from "./program.js";

export interface ReferenceOptions {
  /** Storage and formulas: `double` (default) for checks, `single` as the yardstick of speed and as a fallback. */
  readonly precision?: Precision;
}

export interface ReferenceDevice extends Device {
  compile(plan: Plan): Promise<ReferenceProgram>;
}

/**
 * Every operation of the contract in the plainest JavaScript: dense arrays, spikes as 0 and 1, one loop after another.
 * It says what the operations mean. In double precision it is what other devices are measured against and what gradients
 * are checked with; in single precision it runs where there is no WebAssembly, and is what speed is compared with.
 */
export async function referenceDevice({ precision = "double" }: ReferenceOptions = {}): Promise<ReferenceDevice> {
  const report: DeviceReport = { name: "reference", executor: `plain JavaScript, ${precision} precision` };
  return {
    report,
    async compile(plan) {
      checkPlan(plan);
      checkMemory(plan, "reference");
      return new ReferenceProgram(plan, precision);
    },
    async dispose() {},
  };
}
