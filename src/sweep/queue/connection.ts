import type { Redis } from "ioredis";
import { SpikevineError } from "../../errors.js";
import { fileProblem } from "../../io/file-problem.js";
import type { QueueOptions } from "./options.js";

/** BullMQ and its dependencies, loaded only if a queue is requested. */
export interface QueueConnection {
  readonly bullmq: typeof import("bullmq");
  readonly name: string;
  /** Opens a further connection; it reconnects for as long as the server is unavailable. */
  connect(): Redis;
  /** Reports a server error once, until the server responds again. */
  fails(error: unknown): void;
  answers(): void;
  /** Closes all connections. */
  close(): void;
}

/** Milliseconds that a server has to respond at the start. */
const PATIENCE = 5000;

/**
 * Loads BullMQ and checks that the server responds.
 * @throws SpikevineError naming the address, without its password, and the problem
 */
export async function openQueue({ address, name = "spikevine", onNotice }: QueueOptions): Promise<QueueConnection> {
  const shown = withoutPassword(address);
  if (!/^rediss?:\/\/[^/]/.test(address) || !URL.canParse(address)) {
    throw new SpikevineError(`queue: the address is "${shown}"; give one such as "redis://localhost:6379".`);
  }
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(name)) {
    throw new SpikevineError(`queue: the name is "${name}"; give letters, digits, dots and dashes.`);
  }
  const { bullmq, Redis } = await loadLibraries();
  const probe = new Redis(address, {
    lazyConnect: true,
    connectTimeout: PATIENCE,
    commandTimeout: PATIENCE,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let problem: unknown;
  probe.on("error", (error) => {
    problem ??= error;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    const reason = fileProblem(problem ?? error);
    throw new SpikevineError(
      `queue: Redis at "${shown}" does not answer (${reason}); start it, or correct the address.`,
      { cause: error },
    );
  } finally {
    probe.disconnect();
  }
  const connections: Redis[] = [];
  let isAway = false;
  let isClosed = false;
  const fails = (error: unknown): void => {
    if (isAway) return;
    isAway = true;
    onNotice?.(`queue: Redis at "${shown}" does not answer (${fileProblem(error)}); trying again until it does.`);
  };
  const answers = (): void => {
    if (isAway) onNotice?.(`queue: Redis at "${shown}" answers again.`);
    isAway = false;
  };
  return {
    bullmq,
    name,
    fails,
    answers,
    connect() {
      // BullMQ requires unlimited retries on a connection that may block.
      const redis = new Redis(address, {
        maxRetriesPerRequest: null,
        retryStrategy: (times) => Math.min(100 * times, 2000),
      });
      redis.on("error", fails);
      redis.on("close", () => {
        if (!isClosed) fails(new Error("the connection was lost"));
      });
      redis.on("ready", answers);
      connections.push(redis);
      return redis;
    },
    close() {
      isClosed = true;
      for (const redis of connections) redis.disconnect();
    },
  };
}

async function loadLibraries() {
  try {
    const [bullmq, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { bullmq, Redis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new SpikevineError("queue: BullMQ is not installed; run `npm install bullmq ioredis`.", { cause: error });
  }
}

/** An address for messages: user, host and port, without the password. */
export const withoutPassword = (address: string): string =>
  address.replace(/^([a-z]+:\/\/[^:@/]*):.*@/i, "$1:***@").replace(/([?&]password=)[^&#]*/gi, "$1***");
