import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";
import {
  type PointResult,
  queueRunner,
  type Runner,
  runQueueWorker,
  runSweep,
  sweepPoint,
  sweepPoints,
} from "#spikevine/src/sweep/index";
import { withoutPassword } from "#spikevine/src/sweep/queue/connection";
import { readPoint, readResult } from "#spikevine/src/sweep/queue/messages";
import { hasRedis, type RedisServer, redisServer } from "./redis.js";

const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "spikevine-queue-"));
const runnerOf = (work: (gain: number, seed: number) => PointResult): Runner => ({
  slots: 1,
  start: async ({ settings, seed }) => work(Number(settings.gain), seed),
  close: async () => {},
});
const sine = runnerOf((gain, seed) => ({ metrics: { figure: Math.sin(gain + seed) } }));

describe("a queue", () => {
  it.each([
    ["redis://localhost:1", /^queue: Redis at "redis:\/\/localhost:1" does not answer \(.*ECONNREFUSED.*\); start it/],
    ["redis://someone:secret@localhost:1", /Redis at "redis:\/\/someone:\*\*\*@localhost:1" does not answer/],
    ["localhost:6379", /^queue: the address is "localhost:6379"; give one such as "redis:\/\/localhost:6379"\.$/],
    ["http://localhost", /the address is "http:\/\/localhost"/],
    ["redis://", /the address is "redis:\/\/"/],
  ])("refuses %s in words", async (address, sentence) => {
    const refusal = expect(queueRunner({ address })).rejects;
    await refusal.toThrow(SpikevineError);
    await expect(queueRunner({ address })).rejects.toThrow(sentence);
  });

  it("shows no password", () => {
    for (const address of [
      "redis://:secret@host:6379",
      "rediss://user:secret@host",
      "redis://user:sec:re@t@host",
      "redis://host?password=secret&db=1",
    ]) {
      expect(withoutPassword(address)).not.toMatch(/sec/);
      expect(withoutPassword(address)).toContain("host");
    }
  });

  it("treats points and results as untrusted data", () => {
    const point = sweepPoint({ gain: 1, name: "a" }, 3);
    expect(readPoint({ settings: { name: "a", gain: 1 }, seed: 3 }, point.id)).toEqual(point);
    for (const message of [
      undefined,
      "text",
      { settings: { gain: 2, name: "a" }, seed: 3 },
      { settings: { gain: 1, name: "a" }, seed: 3, run: "code" },
      { settings: { gain: { valueOf: 1 }, name: "a" }, seed: 3 },
      { settings: [], seed: 3 },
      { settings: { gain: 1, name: "a" }, seed: 0.5 },
    ]) {
      expect(() => readPoint(message, point.id)).toThrow(SpikevineError);
    }
    expect(readResult({ metrics: { a: null }, seconds: 1 }, "x").metrics.a).toBeNaN();
    for (const message of [null, { metrics: { a: "1" }, seconds: 1 }, { metrics: {}, seconds: -1 }, { metrics: {} }]) {
      expect(() => readResult(message, "x")).toThrow('the result of "x" is not one of a point');
    }
  });
});

describe.skipIf(!hasRedis)(`a queue on a server${hasRedis ? "" : " (there is no redis-server here)"}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await redisServer();
  });
  afterAll(() => server?.kill());

  /** A worker in this process, until `stop`. */
  const workHere = (name: string, runner: Runner) => {
    const stop = new AbortController();
    const done = runQueueWorker({ address: server.address, name, runner, signal: stop.signal, claimMs: 1000 });
    return async (): Promise<void> => {
      stop.abort();
      await done;
    };
  };

  it("gives the results of one process, though four workers are killed and the server loses all data in between", async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.info(`queue: workers are killed by seed ${seed}`);
    const points = sweepPoints({
      fixed: { milliseconds: 10 },
      vary: { gain: [...Array(20).keys()] },
      seeds: [...Array(10).keys()],
    });
    const alone = await runSweep({ folder: await temporaryFolder(), points, runner: sine });

    const script = fileURLToPath(new URL("./children/queue-worker.mjs", import.meta.url));
    const workers = new Set<ChildProcess>();
    /** Starts a worker; one that is killed after some points is followed by one that is not. */
    const startWorker = (pointsToLive: number): void => {
      const child = spawn(process.execPath, [script, server.address], { stdio: ["ignore", "pipe", "inherit"] });
      workers.add(child);
      let ended = 0;
      createInterface({ input: child.stdout! }).on("line", () => {
        if (++ended === pointsToLive) child.kill("SIGKILL");
      });
      child.on("exit", () => {
        workers.delete(child);
        if (ended >= pointsToLive) startWorker(Number.POSITIVE_INFINITY);
      });
    };
    for (let worker = 0; worker < 4; worker++) startWorker(1 + ((seed >> (3 * worker)) % 8));

    const notices: string[] = [];
    let restarted: Promise<void> | undefined;
    const restart = async (): Promise<void> => {
      await server.kill();
      await server.start();
    };
    const folder = await temporaryFolder();
    const sweep = await runSweep({
      folder,
      points,
      runner: await queueRunner({ address: server.address, onNotice: (sentence) => notices.push(sentence) }),
      onPoint: (_, { finished }) => {
        if (finished === 100) restarted = restart();
      },
    });
    await restarted;
    for (const child of workers) child.kill("SIGTERM");
    const figures = ({ table }: typeof sweep) => table.points.map(({ id, metrics }) => [id, metrics.figure]);
    expect(sweep.failures.map(({ error }) => error.message)).toEqual([]);
    expect(figures(sweep)).toEqual(figures(alone));
    expect(await readdir(join(folder, "points"))).toHaveLength(200);
    expect(notices[0]).toMatch(/^queue: Redis at "redis:\/\/127\.0\.0\.1:\d+" does not answer \(.*\); trying again/);
    expect(notices[1]).toMatch(/answers again\.$/);
  }, 120_000);

  it("uses results of an earlier call, and retries failed points", async () => {
    const points = sweepPoints({ vary: { gain: [1, 2] }, seeds: [0] });
    let fails = true;
    const stop = workHere(
      "again",
      runnerOf((gain) => {
        if (gain === 2 && fails) throw new Error("not yet");
        return { metrics: { figure: gain } };
      }),
    );
    const sweep = async () =>
      runSweep({
        folder: await temporaryFolder(),
        points,
        runner: await queueRunner({ address: server.address, name: "again" }),
      });
    expect((await sweep()).failures.map(({ error }) => error.message)).toEqual(["not yet"]);
    fails = false;
    expect((await sweep()).table.points.map(({ metrics }) => metrics.figure)).toEqual([1, 2]);
    await stop();
  });

  it("compares the figures of a point that was run twice; measured times may differ", async () => {
    const points = sweepPoints({ vary: { gain: [1] }, seeds: [0] });
    const redis = new Redis(server.address);
    let figure = 1;
    const run = async (): Promise<readonly string[]> => {
      const stop = workHere(
        "twice",
        runnerOf(() => ({ metrics: { figure, trainingSeconds: Math.random() } })),
      );
      const { failures } = await runSweep({
        folder: await temporaryFolder(),
        points,
        runner: await queueRunner({ address: server.address, name: "twice" }),
      });
      await stop();
      return failures.map(({ error }) => error.message);
    };
    expect(await run()).toEqual([]);
    // The hash that the first worker leaves while its result is on the way.
    const { figuresHash, figuresKey } = await import("#spikevine/src/sweep/queue/messages");
    const first = async (): Promise<void> => {
      await redis.hset(figuresKey("twice"), points[0]!.id, figuresHash({ metrics: { figure: 1, trainingSeconds: 5 } }));
    };
    await first();
    expect(await run()).toEqual([]);
    await first();
    figure = 1 + Number.EPSILON;
    expect((await run())[0]).toMatch(/^two workers came to different figures for point seed-0-/);
    redis.disconnect();
  });

  it("waits for a server that is full", async () => {
    const redis = new Redis(server.address);
    await redis.config("SET", "maxmemory", "1");
    const stop = workHere("full", sine);
    const notices: string[] = [];
    const { failures, table } = await runSweep({
      folder: await temporaryFolder(),
      points: [sweepPoint({ gain: 1 }, 0)],
      runner: await queueRunner({
        address: server.address,
        name: "full",
        onNotice(sentence) {
          notices.push(sentence);
          void redis.config("SET", "maxmemory", "0");
        },
      }),
    });
    expect(failures).toEqual([]);
    expect(table.points).toHaveLength(1);
    expect(notices[0]).toMatch(/does not answer \(.*(OOM|maxmemory).*\)/);
    await stop();
    redis.disconnect();
  });

  it("returns a point when its worker is stopped, and leaves nothing behind", async () => {
    const points = [sweepPoint({ gain: 3 }, 0)];
    let begun: () => void = () => undefined;
    const inHand = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const stuck = workHere("back", {
      slots: 1,
      start: (_, { signal }) => {
        begun();
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
      close: async () => {},
    });
    const sweep = runSweep({
      folder: await temporaryFolder(),
      points,
      runner: await queueRunner({ address: server.address, name: "back" }),
    });
    await inHand;
    await stuck();
    const stop = workHere("back", sine);
    expect((await sweep).table.points[0]!.metrics.figure).toBe(Math.sin(3));
    await stop();
    const redis = new Redis(server.address);
    const left = await redis.keys("*back*");
    expect(left.filter((key) => !/:(id|meta|events|marker|stalled-check)$/.test(key))).toEqual([]);
    redis.disconnect();
  });

  it("does not run a point that is not one", async () => {
    const redis = new Redis(server.address);
    const { Queue } = await import("bullmq");
    const queue = new Queue("hostile", { connection: redis });
    const job = await queue.add("point", { settings: { gain: 1 }, seed: 0, module: "data:text/javascript," });
    let ran = 0;
    const stop = workHere(
      "hostile",
      runnerOf(() => ({ metrics: { ran: ran++ } })),
    );
    await expect.poll(async () => job.getState(), { timeout: 20_000 }).toBe("failed");
    expect((await queue.getJob(job.id!))!.failedReason).toMatch(/is not a point of a sweep; remove it from the queue/);
    expect(ran).toBe(0);
    await stop();
    await queue.close();
    redis.disconnect();
  });
});
