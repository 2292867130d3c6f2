import { callback, number, optional, type Schema, signal } from "../arguments/index.js";

/** How far a download is. */
export interface DownloadProgress {
  readonly file: string;
  readonly url: string;
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export interface DownloadOptions {
  /** Called for every piece that arrives. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Gives up on a mirror that sends nothing for so long. Default 15,000. */
  readonly timeoutMs?: number | undefined;
  /** Stops the download; nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** The kinds of these options, for the functions that pass them on. */
export const DOWNLOAD_OPTIONS: Schema<DownloadOptions> = {
  onProgress: optional(callback()),
  timeoutMs: optional(number({ above: 0 }, "milliseconds, a number above 0")),
  signal: optional(signal),
  fetch: optional(callback()),
};
