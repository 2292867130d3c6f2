import { SpikevineError } from "../../errors.js";
import type { SimulationModel } from "../model.js";
import type { SimulationOptions } from "../options.js";
import type { Executor } from "./executor.js";
import { JavaScriptExecutor } from "./javascript-executor.js";
import { WasmExecutor } from "./wasm/wasm-executor.js";

/**
 * Makes the requested executor; `alone` is the reason why the calling thread computes without others.
 * @throws SpikevineError for single precision or several threads in plain JavaScript
 */
export function executorMaker({
  executor = "wasm",
  precision = "double",
  threads = 1,
}: SimulationOptions): (model: SimulationModel, alone?: string) => Executor {
  if (executor === "javascript" && precision === "single") {
    throw new SpikevineError('simulation: the executor "javascript" has double precision only; leave "precision" out.');
  }
  if (executor === "javascript" && threads > 1) {
    throw new SpikevineError('simulation: the executor "javascript" has one thread; leave "threads" out.');
  }
  return (model, alone) => {
    if (executor === "javascript") return new JavaScriptExecutor(model);
    return new WasmExecutor(model, { precision, threads, ...(alone === undefined ? {} : { alone }) });
  };
}
