export type { FileSystem, OpenFile } from "./file-system.js";
export { serializeCsv } from "./formats/csv.js";
export { type NpyArray, parseNpy, serializeNpy } from "./formats/npy.js";
export { readNpy, writeNpy } from "./formats/npy-file.js";
export { serializeNpz, writeNpz } from "./formats/npz.js";
export { parseNpz } from "./formats/npz-reader.js";
export { csvRowWriter, npyRowWriter, type RowFile } from "./formats/row-files.js";
export {
  parseSafetensors,
  serializeSafetensors,
  type Tensor,
  type TensorData,
  type TensorFile,
} from "./formats/safetensors.js";
export { readSafetensors, writeSafetensors } from "./formats/safetensors-file.js";
export { type Metrics, type MetricsRecord, parseMetrics } from "./run-folder/metrics.js";
export { type MetricsWriter, openMetrics, readMetrics, writeMetrics } from "./run-folder/metrics-file.js";
export { type RunFolder, runFolder } from "./run-folder/run-folder.js";
