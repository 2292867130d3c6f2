import { SpikevineError } from "../../errors.js";
import { openThread, type WorkerCode } from "../../thread.js";
import type { Answer, Calls, Request } from "./hdf5-worker.js";

/** Seconds for the thread to start, on a busy machine. */
const START_SECONDS = 120;
/** Seconds that a call may take, and more per mebibyte of the file. A call on a small file takes milliseconds. */
const CALL_SECONDS = 10;
const SECONDS_PER_MEGABYTE = 1;

/** Makes a call in the thread of a file. */
export type Call = <K extends keyof Calls>(call: K, ...given: Parameters<Calls[K]>) => Promise<ReturnType<Calls[K]>>;

/**
 * Starts a thread with an HDF5 library of its own, which is stopped after use. A damaged file can abort the library or keep it
 * busy forever, and the memory of WebAssembly never shrinks.
 * @param name of the file, for messages
 * @throws SpikevineError if the library cannot be loaded, fails, or takes too long, and the errors of `use`
 */
export async function withThread<T>(
  { name, megabytes }: { readonly name: string; readonly megabytes: number },
  use: (call: Call) => Promise<T>,
): Promise<T> {
  const waiting: { resolve(result: unknown): void; reject(error: Error): void }[] = [];
  let gone: SpikevineError | undefined;
  const fail = (problem: string): void => {
    gone ??= new SpikevineError(
      `HDF5: "${name}" cannot be read (${problem}); it may be damaged: give another copy of it.`,
    );
    for (const { reject } of waiting.splice(0)) reject(gone);
  };
  const thread = await openThread<Request, Answer>(WORKER, {
    message(answer) {
      const { resolve, reject } = waiting.shift()!;
      if ("result" in answer) resolve(answer.result);
      else reject(answer.isOurs ? new SpikevineError(answer.failure) : failed(name, answer.failure));
    },
    gone: fail,
  });
  const call = async (seconds: number, request: Request): Promise<unknown> => {
    if (gone !== undefined) throw gone;
    const timer = setTimeout(() => fail(`${request.call} took more than ${Math.round(seconds)} s`), 1000 * seconds);
    const result = new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    thread.post(request);
    return result.finally(() => clearTimeout(timer));
  };
  try {
    await call(START_SECONDS, { call: "start", given: [addressInPage()] });
    const seconds = CALL_SECONDS + SECONDS_PER_MEGABYTE * megabytes;
    return await use(((name, ...given) => call(seconds, { call: name, given })) as Call);
  } finally {
    gone ??= new SpikevineError(`HDF5: "${name}" is closed; read inside of the function that is called with it.`);
    await thread.stop();
  }
}

const failed = (name: string, problem: string): SpikevineError =>
  new SpikevineError(`HDF5: "${name}" cannot be read (${problem}); it may be damaged: give another copy of it.`);

/** Address of h5wasm by the import map of a page, for its worker. */
function addressInPage(): string | undefined {
  if (typeof document === "undefined") return undefined;
  try {
    return import.meta.resolve("h5wasm");
  } catch {
    return undefined;
  }
}

// Bundlers copy a file that stands in a URL with import.meta.url itself, and the file of Node is not one of a page.
const here = import.meta.url;

/** Code of a worker, next to this file. */
const WORKER: WorkerCode = {
  file: () => new URL("./hdf5-worker.js", here),
  start: () => new Worker(new URL("./hdf5-worker.js", import.meta.url), { type: "module" }),
};
