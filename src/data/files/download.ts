import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { SpikevineError } from "../../errors.js";
import { removeAbandoned, writeAtomically } from "../../io/atomic-file.js";
import type { CatalogueFile } from "../catalogue.js";
import type { DownloadOptions } from "../download-options.js";

/** Failure of one mirror, with the reason. Another mirror may work. */
export class MirrorFailure extends Error {}

/**
 * Downloads one file from one address. The bytes are counted and hashed as they arrive; The file `path` is created only
 * when it is complete and its SHA-256 is right.
 * @throws MirrorFailure if this address does not deliver the file
 * @throws SpikevineError when the file cannot be written; the signal's reason when it is aborted
 */
export async function download(
  url: string,
  path: string,
  expected: CatalogueFile,
  options: DownloadOptions,
): Promise<void> {
  const timeoutMs = options.timeoutMs ?? 15_000;
  const stop = new AbortController();
  const quiet = () => stop.abort(new MirrorFailure(`sent nothing for ${timeoutMs / 1000} s`));
  const stopped = () => stop.abort(options.signal?.reason);
  let timer = setTimeout(quiet, timeoutMs);
  options.signal?.addEventListener("abort", stopped, { once: true });
  try {
    options.signal?.throwIfAborted();
    const response = await (options.fetch ?? fetch)(url, { signal: stop.signal });
    if (!response.ok || response.body === null) throw new MirrorFailure(`answered HTTP ${response.status}`);
    const body = response.body;
    await removeAbandoned(dirname(path), (name) => name === basename(path));
    await writeAtomically(path, async (file) => {
      const hash = createHash("sha256");
      let received = 0;
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        clearTimeout(timer);
        timer = setTimeout(quiet, timeoutMs);
        received += chunk.length;
        if (received > expected.bytes)
          throw new MirrorFailure(`sent more than the ${expected.bytes} bytes of the file`);
        hash.update(chunk);
        await file.writeFile(chunk);
        options.onProgress?.({ file: expected.file, url, receivedBytes: received, totalBytes: expected.bytes });
      }
      if (received < expected.bytes) {
        throw new MirrorFailure(`sent only ${received} of the ${expected.bytes} bytes of the file`);
      }
      if (hash.digest("hex") !== expected.sha256) throw new MirrorFailure("sent other bytes: the SHA-256 is wrong");
    });
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    if (stop.signal.aborted) throw stop.signal.reason;
    if (error instanceof MirrorFailure || error instanceof SpikevineError) throw error;
    throw new MirrorFailure(networkProblem(error));
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", stopped);
    stop.abort();
  }
}

/** `fetch` hides the reason ("ENOTFOUND", "ECONNREFUSED") in the error's cause. */
function networkProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  if (!(cause instanceof Error)) return error.message;
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name could not be looked up (no network?)";
  if (code === "ECONNREFUSED") return "it refused the connection";
  return cause.message === "" ? (code ?? error.message) : cause.message;
}
