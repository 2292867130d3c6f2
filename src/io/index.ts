export { writeAtomically } from "./atomic-file.js";
export { fileNames } from "./file-names.js";
export { cannot, fileProblem } from "./file-problem.js";
export { type FileSystem, type OpenFile, systemFiles } from "./file-system.js";
export { serializeCsv } from "./formats/csv.js";
export { type NpyArray, parseNpy, serializeNpy } from "./formats/npy.js";
export { readNpy, writeNpy } from "./formats/npy-file.js";
export { serializeNpz, writeNpz } from "./formats/npz.js";
export { csvRowWriter, npyRowWriter, type RowFile } from "./formats/row-files.js";
export {
  CHECKSUM,
  parseSafetensors,
  serializeSafetensors,
  type Tensor,
  type TensorData,
  type TensorFile,
} from "./formats/safetensors.js";
export { readSafetensors, writeSafetensors } from "./formats/safetensors-file.js";
export { LOG_LEVELS, type LogLevel, openLog, type RunLog } from "./run-folder/log.js";
export { type Metrics, type MetricsRecord, parseMetrics } from "./run-folder/metrics.js";
export { type MetricsWriter, openMetrics, readMetrics, writeMetrics } from "./run-folder/metrics-file.js";
export {
  checkRunRoot,
  createRunFolder,
  isConfigUnchanged,
  type RunFolder,
  runFolder,
  writeConfig,
} from "./run-folder/run-folder.js";
export { lockRun } from "./run-folder/run-lock.js";
