import { callback, number, optional, type Schema, signal } from "../arguments/index.js";

/** Progress of a download. */
export interface DownloadProgress {
  readonly file: string;
  readonly url: string;
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export interface DownloadOptions {
  /** Called for every chunk that arrives. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Time without data after which a mirror is given up, ms. Default 15,000. */
  readonly timeoutMs?: number | undefined;
  /** Stops the download; no partial file remains. */
  readonly signal?: AbortSignal | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** Kinds of these options, for the functions that forward them. */
export const DOWNLOAD_OPTIONS: Schema<DownloadOptions> = {
  onProgress: optional(callback()),
  timeoutMs: optional(number({ above: 0 }, "milliseconds, a number above 0")),
  signal: optional(signal),
  fetch: optional(callback()),
};
