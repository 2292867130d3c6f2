import type { Device, DeviceReport, Plan } from "../contract.js";
import { checkMemory, checkPlan, type Precision } from "../host/index.js";
import { ReferenceProgram } from "./program.js";

export { ReferenceProgram } from "./program.js";

export interface ReferenceOptions {
  /**
   * Precision of storage and formulas: `double` (default) for checks, `single` as the baseline of speed comparisons
   * and as a fallback.
   */
  readonly precision?: Precision;
}

export interface ReferenceDevice extends Device {
  compile(plan: Plan): Promise<ReferenceProgram>;
}

/**
 * Reference implementation: every operation of the contract in simple JavaScript, with dense arrays, spikes as 0 and
 * 1, and plain loops. It defines the meaning of the operations. In double precision, other devices are tested and
 * gradients are checked against it. In single precision it runs without WebAssembly and is the baseline of speed
 * comparisons.
 */
export async function referenceDevice({ precision = "double" }: ReferenceOptions = {}): Promise<ReferenceDevice> {
  const report: DeviceReport = { name: "reference", executor: `plain JavaScript, ${precision} precision` };
  return {
    report,
    async compile(plan) {
      checkPlan(plan);
      await checkMemory(plan, "reference", precision === "double" ? 8 : 4);
      return new ReferenceProgram(plan, precision);
    },
    async dispose() {},
  };
}
