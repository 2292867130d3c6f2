import { callback, optional, text } from "../../arguments/index.js";

/** The queue of points and the server that has it. */
export interface QueueOptions {
  /** Address of a Redis or Valkey server, e.g. `redis://user:password@host:6379`; `rediss:` for TLS. */
  readonly address: string;
  /** Name of the queue on that server. Sweeps and workers of one name share points. Default: `spikevine`. */
  readonly name?: string;
  /** Called with a sentence when the server stops answering, refuses a command, or answers again. */
  onNotice?(sentence: string): void;
}

/** Their kinds. */
export const QUEUE_OPTIONS = {
  address: text('an address such as "redis://localhost:6379"'),
  name: optional(text()),
  onNotice: optional(callback()),
};
