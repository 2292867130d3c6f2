import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

/** Tells if Redis can be started here; `SPIKEVINE_REQUIRE_REDIS=1` requires it. */
export const hasRedis =
  process.env.SPIKEVINE_REQUIRE_REDIS === "1" || spawnSync("redis-server", ["--version"]).status === 0;

/** A server on loopback without a file: all its data is lost when it is killed. */
export interface RedisServer {
  readonly address: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export async function redisServer(): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "spikevine-redis-"));
  const address = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const server: RedisServer = {
    address,
    async start() {
      const flags = [
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        folder,
      ];
      child = spawn("redis-server", flags, { stdio: "ignore" });
      // ioredis retries until the server responds.
      const probe = new Redis(address, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
      probe.on("error", () => undefined);
      await probe.ping();
      probe.disconnect();
    },
    async kill() {
      const gone = once(child!, "exit");
      child!.kill("SIGKILL");
      await gone;
    },
  };
  await server.start();
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
