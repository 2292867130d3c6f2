import { alif, alpha, integrator, leaky, type NeuronDefinition, rLeaky, synaptic } from "#spikevine/neurons/index";
import { type Stepped, spikeOf, surrogateOf, type Unit, type Variant } from "./neurons.js";
import type { SurrogateName } from "./surrogates.js";
import type { Tape, Value } from "./tape.js";

type Reset = "subtract" | "zero" | "none";
type Parameters = Readonly<Record<string, Value>>;

/** Potential after a step, before the spike, and the other states. */
interface Moved {
  readonly v: Value;
  readonly more?: readonly Value[];
}

/** A variant whose spike is that of v - threshold, with `more` states that start at 0. */
const unit = (
  title: string,
  make: (surrogate: SurrogateName) => NeuronDefinition,
  isDetached: boolean,
  move: (tape: Tape, p: Parameters, input: Value, before: Unit, reset: Value) => Moved,
  excess = (tape: Tape, p: Parameters, { v }: Moved): Value => tape.subtract(v, p.threshold!),
): Variant => ({
  title: `${title}${isDetached ? " detached" : ""}`,
  isSpiking: true,
  state: "v",
  make,
  initial: (tape) => tape.leaf(0),
  step(tape, p, input, before, fired, surrogate): Stepped {
    const moved = move(tape, p, input, before, isDetached ? tape.cut(before.y) : before.y);
    const y = spikeOf(tape, excess(tape, p, moved), fired, surrogate);
    return { state: moved.v, seen: moved.v, y, held: 0, ...(moved.more ? { more: moved.more } : {}) };
  },
});

const sum = (tape: Tape, ...terms: readonly Value[]): Value => terms.reduce((a, b) => tape.add(a, b));

/** snnTorch 0.9.4, Leaky: reset = fire(mem).detach(); _base_sub, _base_zero, _base_int. */
const leakyUnit = (reset: Reset, isDetached: boolean): Variant =>
  unit(
    `leaky ${reset}`,
    (surrogate) =>
      leaky({ beta: 0.7, threshold: 0.6, reset, detachReset: isDetached, surrogate: surrogateOf(surrogate) }),
    isDetached,
    (tape, p, input, { state }, spike) => {
      const kept = reset === "zero" ? tape.multiply(tape.rest(spike), state!) : state!;
      const v = tape.add(tape.multiply(p.beta!, kept), input);
      return { v: reset === "subtract" ? tape.subtract(v, tape.multiply(spike, p.threshold!)) : v };
    },
  );

/** snnTorch 0.9.4, Synaptic: in _base_zero, syn2 is 0, so only mem is reset. */
const synapticUnit = (reset: Reset): Variant =>
  unit(
    `synaptic ${reset}`,
    (surrogate) => synaptic({ alpha: 0.6, beta: 0.7, threshold: 0.6, reset, surrogate: surrogateOf(surrogate) }),
    true,
    (tape, p, input, { state, more: [before] = [tape.leaf(0)] }, spike) => {
      const syn = tape.add(tape.multiply(p.alpha!, before!), input);
      const v = tape.add(tape.multiply(p.beta!, state!), syn);
      const less = { subtract: p.threshold!, zero: v, none: tape.leaf(0) }[reset];
      return { v: tape.subtract(v, tape.multiply(less, spike)), more: [syn] };
    },
  );

/** snnTorch 0.9.4, Alpha: _base_state_function, less _base_state_reset_sub_function or itself times the reset. */
const alphaUnit = (reset: Reset): Variant =>
  unit(
    `alpha ${reset}`,
    (surrogate) => alpha({ alpha: 0.85, beta: 0.5, threshold: 0.4, reset, surrogate: surrogateOf(surrogate) }),
    true,
    (tape, p, input, { more: [exc, inh] = [tape.leaf(0), tape.leaf(0)] }, spike) => {
      const excNow = tape.add(tape.multiply(p.alpha!, exc!), input);
      const inhNow = tape.subtract(tape.multiply(p.beta!, inh!), input);
      const [slow, fast] = [tape.log(p.alpha!), tape.log(p.beta!)];
      const factor = tape.add(tape.divide(slow, tape.subtract(fast, slow)), tape.leaf(1));
      const v = tape.multiply(factor, tape.add(excNow, inhNow));
      const none = tape.leaf(0);
      const [lessExc, lessInh, lessV] = {
        subtract: [p.threshold!, inhNow, tape.scale(inh!, -1)],
        zero: [excNow, inhNow, v],
        none: [none, none, none],
      }[reset] as [Value, Value, Value];
      const after = (now: Value, less: Value): Value => tape.subtract(now, tape.multiply(less, spike));
      return { v: after(v, lessV), more: [after(excNow, lessExc), after(inhNow, lessInh)] };
    },
  );

/** snnTorch 0.9.4, RLeaky with all_to_all=False: the previous spike times V keeps its gradient. */
const rLeakyUnit = (reset: Reset, isDetached: boolean): Variant =>
  unit(
    `rLeaky ${reset}`,
    (surrogate) =>
      rLeaky({ beta: 0.7, V: -0.4, threshold: 0.6, reset, detachReset: isDetached, surrogate: surrogateOf(surrogate) }),
    isDetached,
    (tape, p, input, { state, y }, spike) => {
      const v = sum(tape, tape.multiply(p.beta!, state!), input, tape.multiply(y, p.V!));
      const less = { subtract: p.threshold!, zero: v, none: tape.leaf(0) }[reset];
      return { v: tape.subtract(v, tape.multiply(less, spike)) };
    },
  );

/** Bellec et al. 2020, as in their code: new_b = decay_b b + z; new_v = decay v + i - z thr; v_scaled = (v - thr - beta b) / thr. */
const alifUnit = (isDetached: boolean): Variant =>
  unit(
    "alif",
    (surrogate) =>
      alif({
        tau: "4 ms",
        tauA: "9 ms",
        beta: 0.3,
        threshold: 0.6,
        detachReset: isDetached,
        surrogate: surrogateOf(surrogate),
      }),
    isDetached,
    (tape, p, input, { state, y, more: [a] = [tape.leaf(0)] }, spike) => {
      const decay = (tau: Value): Value => tape.exp(tape.scale(tape.divide(tape.leaf(1), tau), -1));
      const v = tape.add(tape.multiply(decay(p.tau!), state!), input);
      const adapted = tape.add(tape.multiply(decay(p.tauA!), a!), y);
      return { v: tape.subtract(v, tape.multiply(spike, p.threshold!)), more: [adapted] };
    },
    (tape, p, { v, more }) => {
      const raised = tape.add(p.threshold!, tape.multiply(p.beta!, more![0]!));
      return tape.divide(tape.subtract(v, raised), p.threshold!);
    },
  );

/** SpikingJelly, IFNode: neuronal_charge, neuronal_fire, neuronal_reset at the end of the step. */
const integratorUnit = (reset: "zero" | "subtract", isDetached: boolean): Variant => ({
  title: `integrator ${reset}${isDetached ? " detached" : ""}`,
  isSpiking: true,
  state: "v",
  make: (surrogate) =>
    integrator({ threshold: 0.7, rest: 0.1, reset, detachReset: isDetached, surrogate: surrogateOf(surrogate) }),
  initial: (_, p) => p.rest!,
  step(tape, p, input, { state }, fired, surrogate) {
    const v = tape.add(state!, input);
    const y = spikeOf(tape, tape.subtract(v, p.threshold!), fired, surrogate);
    const spike = isDetached ? tape.cut(y) : y;
    const after =
      reset === "zero"
        ? tape.add(tape.multiply(spike, p.rest!), tape.multiply(tape.rest(spike), v))
        : tape.subtract(v, tape.multiply(p.threshold!, spike));
    return { state: after, seen: v, y, held: 0 };
  },
});

const RESETS = ["subtract", "zero", "none"] as const;

export const FIELD_VARIANTS: readonly Variant[] = [
  ...RESETS.map((reset) => leakyUnit(reset, true)),
  leakyUnit("subtract", false),
  leakyUnit("zero", false),
  ...RESETS.map(synapticUnit),
  ...RESETS.map(alphaUnit),
  ...RESETS.map((reset) => rLeakyUnit(reset, true)),
  rLeakyUnit("zero", false),
  alifUnit(false),
  alifUnit(true),
  integratorUnit("zero", false),
  integratorUnit("zero", true),
  integratorUnit("subtract", true),
];
