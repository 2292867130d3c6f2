import { li, lif, linear, type NeuronDefinition, relu, snu, ssnu, surrogates, tanh } from "#spikevine/neurons/index";
import { SLOPES, type SurrogateName } from "./surrogates.js";
import type { Tape, Value } from "./tape.js";

/** State of a unit between two steps, and its output. */
export interface Unit {
  readonly state: Value | undefined;
  readonly y: Value;
  /** Steps for which it is still refractory. */
  readonly held: number;
  /** Its other states, if it has more than one. */
  readonly more?: readonly Value[];
}

/** Result of a step; `seen` is the state before its reset, which a read-out may use. */
export interface Stepped extends Unit {
  readonly seen: Value | undefined;
}

type Parameters = Readonly<Record<string, Value>>;

/** A neuron of the package, and one step of one unit by its paper. */
export interface Variant {
  readonly title: string;
  readonly isSpiking: boolean;
  /** Name of its state, if it has one. */
  readonly state?: "s" | "v";
  /** A current of 1, which makes it fire now and then, in its units. */
  readonly current?: number;
  make(surrogate: SurrogateName): NeuronDefinition;
  /** Value before the first step. */
  initial?(tape: Tape, p: Parameters): Value;
  step(tape: Tape, p: Parameters, input: Value, before: Unit, fired: number, surrogate: SurrogateName): Stepped;
}

export const surrogateOf = (surrogate: SurrogateName) => surrogates[surrogate]!(SLOPES[surrogate].parameters);
export const spikeOf = (tape: Tape, z: Value, fired: number, surrogate: SurrogateName): Value =>
  tape.spike(z, fired, SLOPES[surrogate].slope(z.value, tape));

/** Wozniak et al. 2020, eq. 1 and 2: s = g(I + l s (1 - y)), y = h(s - V_th); and the other resets. */
function wozniak(
  soft: boolean,
  activation: "relu" | "identity" | "leakyRelu",
  reset: "zero" | "subtract" | "proportional",
  detachReset = false,
): Variant {
  return {
    title: `${soft ? "ssnu" : "snu"} ${activation} ${reset}${detachReset ? " detached" : ""}`,
    isSpiking: !soft,
    state: "s",
    make: (surrogate) => {
      const options = { activation, reset, detachReset, decay: 0.8, threshold: 0.6 };
      return soft ? ssnu(options) : snu({ ...options, surrogate: surrogateOf(surrogate) });
    },
    initial: (tape) => tape.leaf(0),
    step(tape, p, input, { state, y }, fired, surrogate) {
      const spike = detachReset ? tape.cut(y) : y;
      const excess = tape.subtract(state!, p.threshold!);
      const left = {
        zero: () => tape.multiply(state!, tape.rest(spike)),
        subtract: () => tape.subtract(state!, tape.multiply(p.threshold!, spike)),
        proportional: () => tape.multiply(state!, tape.rest(tape.sigmoid(excess))),
      }[reset]();
      const sum = tape.add(input, tape.multiply(p.decay!, left));
      const s = activation === "identity" ? sum : tape.relu(sum, activation === "relu" ? 0 : 0.1);
      const z = tape.subtract(s, p.threshold!);
      return { state: s, seen: s, y: soft ? tape.sigmoid(z) : spikeOf(tape, z, fired, surrogate), held: 0 };
    },
  };
}

/** Rotter and Diesmann 1999 for a constant current: v exp(-dt/tau) + (rest + R I) (1 - exp(-dt/tau)), dt 1 ms. */
function decayed(tape: Tape, p: Parameters, v: Value, input: Value): Value {
  const decay = tape.exp(tape.scale(tape.divide(tape.leaf(1), p.tau!), -1));
  const drive = tape.add(p.rest!, tape.multiply(p.resistance!, input));
  return tape.add(tape.multiply(v, decay), tape.multiply(drive, tape.rest(decay)));
}

/** Gerstner et al. 2014, eq. 1.5, with a reset through which the surrogate propagates, and a refractory time. */
function leakyFiring(
  reset: "zero" | "subtract" | "soft",
  refractory: number,
  inVolts: boolean,
  detachReset = false,
): Variant {
  const held = refractory > 0 ? ` held for ${refractory} steps` : "";
  const title = `lif ${reset}${held}${inVolts ? " in mV" : ""}${detachReset ? " detached" : ""}`;
  const plain = { threshold: 0.7, rest: 0.1, resistance: 2 };
  const volts = { threshold: "-50 mV", rest: "-65 mV", resistance: "100 MOhm" };
  return {
    title,
    isSpiking: true,
    state: "v",
    ...(inVolts ? { current: 250 } : {}),
    make: (surrogate) =>
      lif({
        reset,
        detachReset,
        tau: "4 ms",
        ...(inVolts ? volts : plain),
        ...(reset === "soft" ? { retention: 0.4 } : {}),
        surrogate: surrogateOf(surrogate),
        ...(refractory > 0 ? { refractory: `${refractory} ms` } : {}),
      }),
    initial: (_, p) => p.rest!,
    step(tape, p, input, { state, held }, fired, surrogate) {
      if (held > 0) return { state, seen: state, y: tape.leaf(0), held: held - 1 };
      const v = decayed(tape, p, state!, input);
      const span = tape.subtract(p.threshold!, p.rest!);
      const above = tape.subtract(v, p.threshold!);
      const y = spikeOf(tape, inVolts ? tape.divide(above, span) : above, fired, surrogate);
      const toRest = tape.subtract(p.rest!, v);
      const change = {
        zero: () => toRest,
        subtract: () => tape.scale(span, -1),
        soft: () => tape.multiply(tape.rest(p.retention!), toRest),
      }[reset]();
      const spike = detachReset ? tape.cut(y) : y;
      return { state: tape.add(v, tape.multiply(change, spike)), seen: v, y, held: fired > 0 ? refractory : 0 };
    },
  };
}

const leaky: Variant = {
  title: "li",
  isSpiking: false,
  state: "v",
  make: () => li({ tau: "5 ms", rest: 0.2, resistance: 1.5 }),
  initial: (_, p) => p.rest!,
  step(tape, p, input, { state }) {
    const v = decayed(tape, p, state!, input);
    return { state: v, seen: v, y: v, held: 0 };
  },
};

const stateless = (title: string, definition: NeuronDefinition, output: (tape: Tape, i: Value) => Value): Variant => ({
  title,
  isSpiking: false,
  make: () => definition,
  step: (tape, _, input) => ({ state: undefined, seen: undefined, y: output(tape, input), held: 0 }),
});

const ACTIVATIONS = ["relu", "identity", "leakyRelu"] as const;

export const VARIANTS: readonly Variant[] = [
  ...ACTIVATIONS.flatMap((activation) =>
    (["zero", "subtract", "proportional"] as const).map((reset) => wozniak(false, activation, reset)),
  ),
  ...ACTIVATIONS.flatMap((activation) =>
    (["zero", "subtract"] as const).map((reset) => wozniak(true, activation, reset)),
  ),
  ...(["zero", "subtract", "soft"] as const).flatMap((reset) => [
    leakyFiring(reset, 0, false),
    leakyFiring(reset, 2, false),
    leakyFiring(reset, 0, true),
    leakyFiring(reset, 3, true),
  ]),
  wozniak(false, "relu", "zero", true),
  wozniak(false, "identity", "subtract", true),
  wozniak(true, "identity", "subtract", true),
  leakyFiring("zero", 0, false, true),
  leakyFiring("soft", 2, true, true),
  leaky,
  stateless("relu", relu(), (tape, input) => tape.relu(input)),
  stateless("tanh", tanh(), (tape, input) => tape.tanh(input)),
  stateless("linear", linear(), (_, input) => input),
];
