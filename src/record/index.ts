export { writeAtomically } from "./atomic-file.js";
export { serializeCsv } from "./csv.js";
export { fileNames } from "./file-names.js";
export { cannot, fileProblem } from "./file-problem.js";
export { type FileSystem, type OpenFile, systemFiles } from "./file-system.js";
export { LOG_LEVELS, type LogLevel, openLog, type RunLog } from "./log.js";
export { type Metrics, type MetricsRecord, parseMetrics } from "./metrics.js";
export { type MetricsWriter, openMetrics, readMetrics, writeMetrics } from "./metrics-file.js";
export { type NpyArray, parseNpy, serializeNpy } from "./npy.js";
export { readNpy, writeNpy } from "./npy-file.js";
export { serializeNpz, writeNpz } from "./npz.js";
export * from "./plots/index.js";
export { openCsvRows, openNpyRows, type RowFile } from "./row-files.js";
export {
  checkRunRoot,
  createRunFolder,
  isConfigUnchanged,
  type RunFolder,
  runFolder,
  writeConfig,
} from "./run-folder.js";
export { lockRun } from "./run-lock.js";
export {
  CHECKSUM,
  parseTensors,
  serializeTensors,
  type Tensor,
  type TensorData,
  type TensorFile,
} from "./safetensors.js";
export { readTensors, writeTensors } from "./safetensors-file.js";
