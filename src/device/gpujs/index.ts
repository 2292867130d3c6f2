/** The gpu.js device. */
export {
  type GpujsDevice,
  type GpujsModeReport,
  type GpujsOptions,
  gpujsDevice,
  listGpujsModes,
} from "./backend/device.js";
export { GPUJS_MODES, type GpujsMode } from "./backend/modes.js";
export type { GpujsProgram } from "./program/program.js";
