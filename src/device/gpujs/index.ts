/** The gpu.js device. */
export {
  type GpujsDevice,
  type GpujsModeReport,
  type GpujsOptions,
  gpujsDevice,
  listGpujsModes,
} from "./device.js";
export { GPUJS_MODES, type GpujsMode } from "./modes.js";
export type { GpujsProgram } from "./program.js";
