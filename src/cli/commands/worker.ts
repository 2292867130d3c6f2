import { SpikevineError } from "../../errors.js";
import { fields } from "../../experiment/fields.js";
import { pointExperiment } from "../../experiment/points.js";
import { type Runner, runQueueWorker, threadRunner } from "../../sweep/index.js";
import { withoutPassword } from "../../sweep/queue/connection.js";
import { version } from "../../version.js";
import type { Command } from "../command-line/command.js";
import { UsageError } from "../command-line/usage-error.js";
import { whyNotWide } from "../device/open-fastest.js";
import { jobs, QUEUE, WORKER_FLAGS } from "../sweep/sweep-flags.js";
import { watchInterrupt } from "../terminal/interrupt.js";

/** Name of the queue. It contains the version, since another version may compute other results. */
export const queueName = (): string => `spikevine-${version()}`;

/** Threads that train the points of sweeps. */
export const trainingThreads = (threads: number): Runner =>
  threadRunner({ module: new URL("../sweep/sweep-point.js", import.meta.url), run: "trainPoint", threads });

/** `spikevine worker`: trains points of sweeps from a queue. */
export const workerCommand: Command = {
  name: "worker",
  summary:
    "trains points from the queue that `spikevine sweep --queue` fills, on this or another machine, until it is stopped",
  fields: fields.filter(({ path }) => path === "logLevel"),
  own: WORKER_FLAGS,
  async run(invocation) {
    const { own, terminal } = invocation;
    const address = own(QUEUE);
    if (typeof address !== "string") throw new UsageError(`worker: --queue is missing; give ${QUEUE.expects}.`);
    if (["silent", "error", "warn"].includes(invocation.experiment().logLevel)) terminal.mute();
    // Tested before threads start, which receive the verdict.
    await whyNotWide();
    const runner = trainingThreads(jobs(invocation));
    const interrupt = watchInterrupt(terminal, () =>
      terminal.status("stopping; unfinished points go back to the queue"),
    );
    try {
      terminal.line(`queue    ${withoutPassword(address)}, points of version ${version()}`);
      terminal.line(`threads  ${runner.slots}, one per training`);
      await runQueueWorker({
        address,
        name: queueName(),
        runner,
        check: checkPoint,
        signal: interrupt.signal,
        onNotice: (sentence) => terminal.error(`spikevine: ${sentence}`),
        onPoint: ({ id }, error) =>
          terminal.line(error === undefined ? `${id}  done` : `${id}  failed: ${error.message}`),
      });
      return interrupt.exitCode ?? 0;
    } finally {
      interrupt.release();
    }
  },
};

/** Checks a point from a queue, which is untrusted input: its settings must be those of an experiment of this version. */
function checkPoint(point: Parameters<typeof pointExperiment>[0]): void {
  const { spikevine } = point.settings;
  if (spikevine !== version()) {
    throw new SpikevineError(`point ${point.id} is from version ${String(spikevine)}; run a worker of that version.`);
  }
  pointExperiment(point);
}
