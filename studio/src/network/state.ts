import { batch, signal } from "@preact/signals";
import { settingsOf } from "../app/link.js";
import { type Call, Engine, TaskError } from "../engine/client.js";
import type { NetworkEvent } from "../engine/tasks/network-lab.js";
import { NETWORK_DEFAULTS, NETWORK_LIMITS } from "./settings.js";

export const settings = settingsOf("network", NETWORK_DEFAULTS, NETWORK_LIMITS);

/** The activity of a simulation so far. */
export interface Activity {
  readonly model: string;
  readonly time: number;
  /** Model time per clock time, smoothed. */
  readonly speed: number;
  readonly at: readonly number[];
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    readonly times: readonly Float64Array[];
    readonly neurons: readonly Uint32Array[];
    readonly rates: readonly number[];
  }[];
  readonly firstWeights: Float32Array | undefined;
  readonly weights: Float32Array | undefined;
}

export const activity = signal<Activity | undefined>(undefined);
export const isRunning = signal(false);
export const problem = signal("");
export const executor = signal("");

const engine = new Engine();
let call: Call<{ readonly executor: string }> | undefined;

/** Slices whose spikes are kept for the raster; those of the STDP example are long. */
const KEPT = { coba: 120, cuba: 120, stdp: 8 } as const;

export async function startNetwork(): Promise<void> {
  const used = settings.value;
  problem.value = "";
  isRunning.value = true;
  activity.value = undefined;
  call = engine.start("networkLab", used, (event) => receive(event, used.model));
  try {
    executor.value = (await call.result).executor;
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    problem.value = error.message;
  } finally {
    isRunning.value = false;
    call = undefined;
  }
}

export const stopNetwork = (): void => call?.abort();

function receive(event: NetworkEvent, model: keyof typeof KEPT): void {
  batch(() => {
    const before = activity.value;
    activity.value = {
      model,
      time: event.time,
      speed: before === undefined ? event.speed : 0.9 * before.speed + 0.1 * event.speed,
      at: [...(before?.at ?? []), event.time],
      populations: event.populations.map(({ name, size, times, neurons, rate }, p) => {
        const one = before?.populations[p];
        return {
          name,
          size,
          times: [...(one?.times ?? []), times].slice(-KEPT[model]),
          neurons: [...(one?.neurons ?? []), neurons].slice(-KEPT[model]),
          rates: [...(one?.rates ?? []), rate],
        };
      }),
      firstWeights: before?.firstWeights ?? event.weights,
      weights: event.weights ?? before?.weights,
    };
  });
}
