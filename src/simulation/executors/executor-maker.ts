import { SpikevineError } from "../../errors.js";
import type { SimulationModel } from "../model.js";
import type { SimulationOptions } from "../options.js";
import type { Executor } from "./executor.js";
import { JavaScriptExecutor } from "./javascript-executor.js";
import { WasmExecutor } from "./wasm/wasm-executor.js";

/**
 * Makes the requested executor.
 * @throws SpikevineError for single precision or several threads in plain JavaScript
 */
export function executorMaker({
  executor = "wasm",
  precision = "double",
  threads = 1,
}: SimulationOptions): (model: SimulationModel) => Executor {
  if (executor === "javascript" && precision === "single") {
    throw new SpikevineError('simulation: the executor "javascript" has double precision only; leave "precision" out.');
  }
  if (executor === "javascript" && threads > 1) {
    throw new SpikevineError('simulation: the executor "javascript" has one thread; leave "threads" out.');
  }
  return (model) =>
    executor === "javascript" ? new JavaScriptExecutor(model) : new WasmExecutor(model, { precision, threads });
}
