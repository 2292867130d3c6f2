import type { Job } from "./contestant.js";
import { plain } from "./plain.js";
import { spikevine } from "./spikevine.js";

/** What the runInterleaved asks of a contestant's process. */
export type Request = { readonly job: Job } | { readonly milliseconds: number; readonly fewest: number } | "end";

/** Its answers, one to each request, in order. */
export type Answer =
  | { readonly executor: string }
  /** Milliseconds of every step of the burst, and of processor time, all threads, for all of them. */
  | { readonly times: readonly number[]; readonly processor: number }
  /** Largest resident memory of the process, MB. */
  | { readonly peakResidentMB: number }
  | { readonly failure: string };

/**
 * The process of one contestant. It does nothing between bursts, so that several of them can take turns on one machine
 * without a fresh start, and without a fresh compilation, for every turn.
 */
function serve(answer: (what: Answer) => void): (request: Request) => Promise<void> {
  let contestant: Awaited<ReturnType<typeof plain>> | undefined;
  let k = 0;
  return async (request) => {
    if (request === "end") {
      await contestant?.close();
      answer({ peakResidentMB: process.resourceUsage().maxRSS / 1024 });
      process.disconnect();
    } else if ("job" in request) {
      contestant = await (request.job.by === "plain" ? plain : spikevine)(request.job);
      answer({ executor: contestant.executor });
    } else {
      const times: number[] = [];
      const before = process.cpuUsage();
      const end = performance.now() + request.milliseconds;
      while (times.length < request.fewest || performance.now() < end) {
        const start = performance.now();
        await contestant!.step(k++);
        times.push(performance.now() - start);
      }
      const { user, system } = process.cpuUsage(before);
      answer({ times, processor: (user + system) / 1000 });
    }
  };
}

const handle = serve((what) => process.send!(what));
process.on("message", (request: Request) => {
  handle(request).catch((error: unknown) => {
    process.send!({ failure: error instanceof Error ? error.message : String(error) } satisfies Answer);
  });
});
