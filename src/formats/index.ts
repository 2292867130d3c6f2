export type { NirConventions, NirPreset } from "./nir/conventions.js";
export { loadNir, type NirOptions } from "./nir/load-nir.js";
export { type NirChoices, type NirFile, saveNir, serializeNir } from "./nir/save-nir.js";
export { serializeNirData } from "./nir/serialize-nir-data.js";
export { type ImportedStateDict, importStateDict, type StateDictOptions } from "./state-dict/import-state-dict.js";
