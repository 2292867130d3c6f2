import { parentPort, workerData } from "node:worker_threads";
import { SpikevineError } from "../errors.js";
import type { Objective } from "./objective.js";
import type { PointWorkerMessage, PointWorkerRequest, PointWorkerStart } from "./worker-messages.js";

const port = parentPort;
if (port !== null) {
  const start = workerData as PointWorkerStart;
  const send = (message: PointWorkerMessage): void => port.postMessage(message);
  let stop = new AbortController();
  port.on("message", async (request: PointWorkerRequest) => {
    if ("abort" in request) {
      stop.abort();
      return;
    }
    stop = new AbortController();
    try {
      const run = await pointFunction(start);
      send({ result: await run(request.point, { signal: stop.signal, report: (fraction) => send({ fraction }) }) });
    } catch (error) {
      send(
        error instanceof SpikevineError
          ? { failure: error.message, isOurs: true }
          : { failure: (error instanceof Error && error.stack) || String(error), isOurs: false },
      );
    }
  });
}

async function pointFunction({ module, run }: PointWorkerStart): Promise<Objective> {
  const exported = (await load(module))[run];
  if (typeof exported === "function") return exported as Objective;
  throw new SpikevineError(`sweep: "${module}" exports no function "${run}"; export it.`);
}

/**
 * Loads a module in this thread. A thread has no loader for TypeScript, even if that of the main thread runs in tsx or jiti, so
 * jiti loads TypeScript here.
 */
async function load(module: string): Promise<Record<string, unknown>> {
  if (!/\.[cm]?tsx?$/.test(module)) return (await import(module)) as Record<string, unknown>;
  const { createJiti } = await import("jiti");
  return createJiti(import.meta.url, { interopDefault: false, fsCache: false }).import(module);
}
