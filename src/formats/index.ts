export { type ImportedStateDict, importStateDict, type StateDictOptions } from "./state-dict/import-state-dict.js";
