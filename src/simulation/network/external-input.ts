import {
  fields,
  flag,
  form,
  list,
  made,
  optional,
  quantity,
  type RequiredKind,
  show,
  text,
  variants,
} from "../../arguments/index.js";
import { FUNCTIONS } from "../../equations/definitions/argument-kinds.js";
import type { TimedArray } from "../../equations/definitions/timed-array.js";
import { SpikevineError } from "../../errors.js";
import type { Clock } from "../clock.js";
import type { QuantityLike } from "../distributions.js";
import { VALUES, type ValueOrDistribution } from "../values.js";
import { pairOf } from "./connection-patterns.js";
import { HELD } from "./held-rows.js";
import type { Functions } from "./timed-expression.js";

/** External input of a population. */
export type ExternalInput =
  /**
   * A current in the unit of the neuron's input: one for all neurons, one per neuron as a list, distribution or
   * expression of i, a timed array, or an expression of the time `t` and of `i`, which may call `functions`. `target` is the name of the input if the neuron has several.
   */
  | {
      readonly current: ValueOrDistribution | TimedArray;
      readonly target?: string;
      readonly functions?: Functions;
    }
  /**
   * A current over time, in the internal unit of the neuron's input (pA, or plain numbers), each row held for `dt`; 0
   * after the last. `[rows]` for all neurons alike, or with `perNeuron` `[rows, size]`, row-major.
   */
  | {
      readonly array: ArrayLike<number>;
      readonly dt: QuantityLike;
      readonly perNeuron?: boolean;
      readonly target?: string;
    }
  /**
   * Independent Poisson events for every neuron, each adding `weight` to the state `target`. The rate is one for all, one
   * per neuron, or a timed array.
   */
  | {
      readonly poisson: {
        readonly rate: ValueOrDistribution | TimedArray;
        readonly weight: QuantityLike;
        readonly target: string;
      };
    }
  /** Listed events, each adding `weight` to the state `target` of one neuron. */
  | {
      readonly spikes: readonly (readonly [time: QuantityLike, neuron: number])[];
      readonly weight: QuantityLike;
      readonly target: string;
    };

type Form<K extends string> = Extract<ExternalInput, { readonly [key in K]: unknown }>;

/** Listed spikes: time and neuron of each. */
export const SPIKES: RequiredKind = list(pairOf("[time, neuron]"));

const TARGET = text('the name of a state, e.g. "ge"');
const CURRENT = text('the name of an input current, e.g. "I_e"');
const TIMED = made("the result of timedArray()", "kind", "rows", "width");

/** Values per neuron or over time, as an option. */
export const VALUES_OR_TIMED: RequiredKind = {
  ...VALUES,
  expects: `${VALUES.expects} or ${TIMED.expects}`,
  fault: (value, path) => (TIMED.fault(value, path) === undefined ? undefined : VALUES.fault(value, path)),
};

/** An input as an argument. */
export const INPUT: RequiredKind = variants(
  {
    current: form<Form<"current">>({
      current: VALUES_OR_TIMED,
      target: optional(CURRENT),
      functions: optional(FUNCTIONS),
    }),
    array: form<Form<"array">>({ ...HELD, perNeuron: optional(flag), target: optional(CURRENT) }),
    poisson: form<Form<"poisson">>({
      poisson: fields<Form<"poisson">["poisson"]>({ rate: VALUES_OR_TIMED, weight: quantity, target: TARGET }),
    }),
    spikes: form<Form<"spikes">>({ spikes: SPIKES, weight: quantity, target: TARGET }),
  },
  "input",
);

/**
 * Listed times and neurons as sorted steps and neurons.
 * @throws SpikevineError for a time before 0 or a neuron that does not exist.
 */
export function listedSpikes(
  spikes: readonly (readonly [time: QuantityLike, neuron: number])[],
  size: number,
  clock: Clock,
  where: string,
): { readonly steps: Uint32Array; readonly neurons: Uint32Array } {
  const events = spikes.map(([time, neuron], k) => {
    if (!(Number.isInteger(neuron) && neuron >= 0 && neuron < size)) {
      throw new SpikevineError(`${where}: spike ${k} names neuron ${show(neuron)}; the neurons are 0 to ${size - 1}.`);
    }
    if (typeof time !== "number" && typeof time !== "string") {
      throw new SpikevineError(`${where}: time of spike ${k} is ${show(time)}; give a time, e.g. "20 ms".`);
    }
    return { step: clock.step(time, `${where}: time of spike ${k}`), neuron };
  });
  events.sort((a, b) => a.step - b.step || a.neuron - b.neuron);
  return {
    steps: Uint32Array.from(events, ({ step }) => step),
    neurons: Uint32Array.from(events, ({ neuron }) => neuron),
  };
}
