import { callback, fields, list, named, optional, quantity, signature, whole } from "../arguments/index.js";
import { SYNAPSE, type SynapseDefinition } from "../equations/definitions/synapse.js";
import { SpikevineError } from "../errors.js";
import { coreCount, WorkerMissing } from "../thread.js";
import { prepareSynapses, SYNAPSE_RUN, type SynapseRunOptions, signalsOf } from "./run-synapses.js";
import { SweepThread } from "./sweep-thread.js";
import { packTask, runSynapseTask, type SynapseRun, type SynapseTask } from "./synapse-task.js";
import type { SignalTables } from "./synapse-worker.js";

export interface SynapseSweepOptions extends SynapseRunOptions {
  /** Values of parameters; every combination of them is a point, the last parameter changing first. */
  readonly over: Readonly<Record<string, readonly (number | string)[]>>;
  /** Default: one per core. The results are the same for any number. */
  readonly threads?: number;
  /** Receives one sentence if threads cannot start and the calling one computes instead. */
  onWarning?(message: string): void;
}

/** A combination of parameters, and its run. */
export interface SynapseSweepPoint {
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly run: SynapseRun;
}

/** Numbers in the tables of signals, 1 GiB. */
const MOST_NUMBERS = 2 ** 27;

const check = signature("sweepSynapses", {
  definition: SYNAPSE,
  options: fields<SynapseSweepOptions>(
    {
      ...SYNAPSE_RUN,
      over: named(list(quantity, 1), "an object from parameters to lists of values"),
      threads: optional(whole(1, 1024)),
      onWarning: optional(callback()),
    },
    { root: "options" },
  ),
});

/**
 * Runs the same synapses with every combination of parameters, on several threads. Each point is the result of
 * `simulateSynapses` with its parameters and the other options, to the last bit. The noise and the values drawn at the start are
 * independent between the synapses of a point, and the same at all points, so points differ by their parameters only.
 * `signal` and `neurons` are called once per step and synapse, in this thread.
 * @throws SpikevineError as `simulateSynapses` does, for an unknown parameter or a value outside its range before any
 * point runs, and for signals of more than 2^27 numbers.
 */
export async function sweepSynapses(
  definition: SynapseDefinition,
  options: SynapseSweepOptions,
): Promise<readonly SynapseSweepPoint[]> {
  check([definition, options]);
  const { over, threads = coreCount(), onWarning, ...common } = options;
  const where = `plasticity/${definition.name}`;
  const points = combinations(over);
  const tasks = points.map((parameters) =>
    prepareSynapses(definition, { ...common, parameters: { ...common.parameters, ...parameters } }),
  );
  const workers = await openThreads(Math.min(threads, points.length), where, onWarning);
  const runs = await runAll(tasks, common, workers, where);
  return points.map((parameters, p) => ({ parameters, run: runs[p]! }));
}

function combinations(over: SynapseSweepOptions["over"]): Record<string, number | string>[] {
  return Object.entries(over).reduce<Record<string, number | string>[]>(
    (points, [name, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/** Starts the threads of a sweep; none if the calling thread computes. */
async function openThreads(
  threads: number,
  where: string,
  onWarning: SynapseSweepOptions["onWarning"],
): Promise<SweepThread[]> {
  if (threads === 1) return [];
  const started = await Promise.allSettled(Array.from({ length: threads }, () => SweepThread.open()));
  const failed = started.find(({ status }) => status === "rejected") as PromiseRejectedResult | undefined;
  const workers = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  if (failed === undefined) return workers;
  await Promise.all(workers.map((worker) => worker.stop()));
  if (!(failed.reason instanceof WorkerMissing)) throw failed.reason;
  onWarning?.(
    `${where}: the sweep has one thread instead of ${threads}: a worker could not start (${failed.reason.message}).`,
  );
  return [];
}

async function runAll(
  tasks: readonly SynapseTask[],
  options: SynapseRunOptions,
  threads: readonly SweepThread[],
  where: string,
): Promise<SynapseRun[]> {
  const { dt } = tasks[0]!.machine;
  if (threads.length === 0) return tasks.map((task) => runSynapseTask(task, signalsOf(options, dt, where)));
  const runs: SynapseRun[] = [];
  const failures = new Map<number, unknown>();
  let next = 0;
  /** The threads by the point that they run. */
  const running = new Map<number, SweepThread>();
  const work = async (thread: SweepThread, tables: SignalTables): Promise<void> => {
    for (let p = next++; p < tasks.length && failures.size === 0; p = next++) {
      running.set(p, thread);
      try {
        runs[p] = await thread.run({ task: packTask(tasks[p]!), tables });
      } catch (error) {
        failures.set(p, error);
        // Points before this one may fail as well, and the first is named; those after it are of no use.
        await Promise.all([...running].flatMap(([other, one]) => (other > p ? [one.stop()] : [])));
      }
      running.delete(p);
    }
  };
  try {
    const tables = tabulate(options, tasks[0]!, where);
    await Promise.all(threads.map((thread) => work(thread, tables)));
  } finally {
    await Promise.all(threads.map((thread) => thread.stop()));
  }
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return runs;
}

/** The signals of every step and synapse, in memory that threads share if the environment has it. */
function tabulate(options: SynapseRunOptions, { machine, steps }: SynapseTask, where: string): SignalTables {
  const { dt, synapses } = machine;
  const { signal, neurons } = signalsOf(options, dt, where);
  const count = (steps + 1) * synapses;
  const tables = neurons.length + (options.signal === undefined ? 0 : 1);
  if (count * tables > MOST_NUMBERS) {
    throw new SpikevineError(
      `${where}: signal and neurons of a sweep are tables of ${count * tables} numbers (steps, synapses); give fewer of them, at most ${MOST_NUMBERS}, or threads: 1.`,
    );
  }
  const table = (of: typeof signal, last: number): Float64Array => {
    const values =
      typeof SharedArrayBuffer === "undefined"
        ? new Float64Array(count)
        : new Float64Array(new SharedArrayBuffer(8 * count));
    for (let step = 0; step <= last; step++) {
      for (let s = 0; s < synapses; s++) values[step * synapses + s] = of(step, s);
    }
    return values;
  };
  return {
    // The signal of the last step's end would begin another step.
    signal: options.signal === undefined ? undefined : table(signal, steps - 1),
    neurons: neurons.map(([name, of]) => [name, table(of, steps)]),
  };
}
