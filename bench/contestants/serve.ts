import type { Job } from "./contestant.js";
import { plain } from "./plain.js";
import { spikevine } from "./spikevine.js";

/** Requests of `runInterleaved` to a contestant's process. */
export type Request = { readonly job: Job } | { readonly milliseconds: number; readonly fewest: number } | "end";

/** Its responses, one per request, in order. */
export type Response =
  | { readonly executor: string }
  /** Milliseconds of every step of the burst, and the processor time of all threads for all of them, ms. */
  | { readonly times: readonly number[]; readonly processor: number }
  /** Largest resident memory of the process, MB. */
  | { readonly peakResidentMB: number }
  | { readonly failure: string };

/**
 * The process of one contestant. It is idle between bursts, so that several contestants can be interleaved on one machine
 * without starting and compiling again for every burst.
 */
function serve(respond: (response: Response) => void): (request: Request) => Promise<void> {
  let contestant: Awaited<ReturnType<typeof plain>> | undefined;
  let k = 0;
  return async (request) => {
    if (request === "end") {
      await contestant?.close();
      respond({ peakResidentMB: process.resourceUsage().maxRSS / 1024 });
      process.disconnect();
    } else if ("job" in request) {
      contestant = await (request.job.by === "plain" ? plain : spikevine)(request.job);
      respond({ executor: contestant.executor });
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
      respond({ times, processor: (user + system) / 1000 });
    }
  };
}

const handle = serve((response) => process.send!(response));
process.on("message", (request: Request) => {
  handle(request).catch((error: unknown) => {
    process.send!({ failure: error instanceof Error ? error.message : String(error) } satisfies Response);
  });
});
