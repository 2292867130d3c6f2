import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Job } from "./contestants/contestant.js";
import type { Request, Response } from "./contestants/serve.js";
import { type Summary, summarize } from "./statistics.js";

/** Time settings of every contestant. */
export interface BenchTiming {
  /** Milliseconds of warm-up steps, since engines recompile functions that run often. */
  readonly warmUp: number;
  readonly rounds: number;
  /** Milliseconds per contestant and round. */
  readonly burst: number;
  /** Minimal number of steps per contestant and round, even if they take longer. */
  readonly fewest: number;
}

export const TIMING: BenchTiming = { warmUp: 2000, rounds: 7, burst: 500, fewest: 2 };
export const QUICK_TIMING: BenchTiming = { warmUp: 20, rounds: 2, burst: 10, fewest: 2 };

export interface Result {
  readonly executor: string;
  /** Milliseconds of one step. */
  readonly time: Summary;
  /** Mean processor time of one step, all threads, ms; it depends little on other work on the machine. */
  readonly processor: number;
  readonly samplesPerSecond: number;
  /** Largest resident memory of its process, MB. */
  readonly peakResidentMB: number;
}

/** A contestant in a process of its own, so that its memory is measured separately. */
class Runner {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve(response: Response): void; reject(error: Error): void }[] = [];

  constructor() {
    this.#child = fork(fileURLToPath(new URL("./contestants/serve.js", import.meta.url)), { execArgv: [] });
    this.#child.on("message", (response: Response) => {
      const waiting = this.#waiting.shift();
      if ("failure" in response) waiting?.reject(new Error(`a contestant failed: ${response.failure}`));
      else waiting?.resolve(response);
    });
    this.#child.on("exit", (code) => {
      for (const { reject } of this.#waiting) reject(new Error(`a contestant's process ended with code ${code}`));
    });
  }

  ask(request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(request);
    });
  }

  async burst(milliseconds: number, fewest: number): Promise<{ times: readonly number[]; processor: number }> {
    const response = await this.ask({ milliseconds, fewest });
    return "times" in response ? response : { times: [], processor: 0 };
  }

  stop(): void {
    this.#child.kill();
  }
}

/**
 * Times several jobs against each other: each in its own process, warmed up, then interleaved (A B C, A B C, ...), so that
 * other work on the machine affects all of them equally. One runs at a time; the others are idle.
 */
export async function runInterleaved(jobs: readonly Job[], timing: BenchTiming): Promise<Result[]> {
  const runners = jobs.map(() => new Runner());
  try {
    const executors: string[] = [];
    const times: number[][] = jobs.map(() => []);
    const processor = jobs.map(() => 0);
    for (const [i, runner] of runners.entries()) {
      const response = await runner.ask({ job: jobs[i]! });
      executors.push("executor" in response ? response.executor : "");
      await runner.burst(timing.warmUp, timing.fewest);
    }
    for (let round = 0; round < timing.rounds; round++) {
      for (const [i, runner] of runners.entries()) {
        const burst = await runner.burst(timing.burst, timing.fewest);
        times[i]!.push(...burst.times);
        processor[i]! += burst.processor;
      }
    }
    const results: Result[] = [];
    for (const [i, runner] of runners.entries()) {
      const response = await runner.ask("end");
      const time = summarize(times[i]!);
      results.push({
        executor: executors[i]!,
        time,
        processor: processor[i]! / time.count,
        samplesPerSecond: (1000 * jobs[i]!.workload.batch) / time.median,
        peakResidentMB: "peakResidentMB" in response ? response.peakResidentMB : 0,
      });
    }
    return results;
  } finally {
    for (const runner of runners) runner.stop();
  }
}
