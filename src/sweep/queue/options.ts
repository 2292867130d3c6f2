import { callback, optional, text } from "../../arguments/index.js";

/** A queue of points and its server. */
export interface QueueOptions {
  /** Address of a Redis or Valkey server, e.g. `redis://user:password@host:6379`; `rediss:` for TLS. */
  readonly address: string;
  /** Name of the queue on that server. Sweeps and workers with the same name share points. Default: `spikevine`. */
  readonly name?: string;
  /** Called with one sentence when the server stops responding, refuses a command, or responds again. */
  onNotice?(sentence: string): void;
}

/** Kinds of these options. */
export const QUEUE_OPTIONS = {
  address: text('an address such as "redis://localhost:6379"'),
  name: optional(text()),
  onNotice: optional(callback()),
};
