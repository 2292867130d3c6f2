import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Job } from "./contestants/contestant.js";
import type { Answer, Request } from "./contestants/serve.js";
import { type Summary, summarize } from "./statistics.js";

/** How long each contestant gets. */
export interface BenchTiming {
  /** Milliseconds of steps before anything counts: engines compile again what has run often. */
  readonly warmUp: number;
  readonly rounds: number;
  /** Milliseconds of a contestant's turn in a round. */
  readonly burst: number;
  /** Fewest steps of a turn, however long they take. */
  readonly fewest: number;
}

export const TIMING: BenchTiming = { warmUp: 2000, rounds: 7, burst: 500, fewest: 2 };
export const QUICK_TIMING: BenchTiming = { warmUp: 20, rounds: 2, burst: 10, fewest: 2 };

export interface Result {
  readonly executor: string;
  /** Milliseconds of one step. */
  readonly time: Summary;
  /** Milliseconds of processor time of one step, all threads, on average: what it costs even where others disturb it. */
  readonly processor: number;
  readonly samplesPerSecond: number;
  /** Largest resident memory of its process, MB. */
  readonly peakResidentMB: number;
}

/** A contestant in a process of its own, so that its memory is its own too. */
class Runner {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];

  constructor() {
    this.#child = fork(fileURLToPath(new URL("./contestants/serve.js", import.meta.url)), { execArgv: [] });
    this.#child.on("message", (answer: Answer) => {
      const waiting = this.#waiting.shift();
      if ("failure" in answer) waiting?.reject(new Error(`a contestant failed: ${answer.failure}`));
      else waiting?.resolve(answer);
    });
    this.#child.on("exit", (code) => {
      for (const { reject } of this.#waiting) reject(new Error(`a contestant's process ended with code ${code}`));
    });
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(request);
    });
  }

  async burst(milliseconds: number, fewest: number): Promise<{ times: readonly number[]; processor: number }> {
    const answer = await this.ask({ milliseconds, fewest });
    return "times" in answer ? answer : { times: [], processor: 0 };
  }

  stop(): void {
    this.#child.kill();
  }
}

/**
 * Times several jobs against each other: each in its own process, warmed up, then in turns (A B C, A B C, ...), so that
 * whatever else the machine does falls on all of them alike. One runs at a time; the others sleep.
 */
export async function runInterleaved(jobs: readonly Job[], timing: BenchTiming): Promise<Result[]> {
  const runners = jobs.map(() => new Runner());
  try {
    const executors: string[] = [];
    const times: number[][] = jobs.map(() => []);
    const processor = jobs.map(() => 0);
    for (const [i, runner] of runners.entries()) {
      const answer = await runner.ask({ job: jobs[i]! });
      executors.push("executor" in answer ? answer.executor : "");
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
      const answer = await runner.ask("end");
      const time = summarize(times[i]!);
      results.push({
        executor: executors[i]!,
        time,
        processor: processor[i]! / time.count,
        samplesPerSecond: (1000 * jobs[i]!.workload.batch) / time.median,
        peakResidentMB: "peakResidentMB" in answer ? answer.peakResidentMB : 0,
      });
    }
    return results;
  } finally {
    for (const runner of runners) runner.stop();
  }
}
