import { choice, type OptionalKind, optional } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";

/** The choices that NIR leaves to the program that runs a model. */
export interface NirConventions {
  /**
   * Step of a membrane and of a synaptic current: forward Euler, or the exact solution for an input that is constant during the
   * step.
   */
  readonly scheme: "euler" | "exact";
  /** After a spike: the file's v_reset, or v minus (v_threshold - v_reset). */
  readonly reset: "file" | "subtract";
  /**
   * Time of the reset: in the step of the spike, at the start of the next step, or at the moment within the step at which v crosses
   * the threshold (scheme `exact`, reset `file`, LIF neurons).
   */
  readonly resetTime: "same step" | "next step" | "crossing";
  /** Step in which input reaches a neuron: its own, or the next one. */
  readonly arrival: "same step" | "next step";
  /** Synaptic current that the membrane of a CubaLIF or CubaLI reads: as the step starts, or after its update. */
  readonly current: "old" | "new";
  /** A neuron fires above its threshold, as NIR defines it, or at its threshold too. */
  readonly firing: "above" | "at";
  /** Factor of the input: the file's r and w_in in the equations of NIR, or none, so that one step adds the input itself. */
  readonly gain: "file" | "none";
}

export type NirPreset = "exact" | "norse" | "nengo" | "lava" | "snntorch" | "spikingjelly" | "spyx";

const EULER: NirConventions = {
  scheme: "euler",
  reset: "file",
  resetTime: "same step",
  arrival: "same step",
  current: "old",
  firing: "above",
  gain: "file",
};

/** Choices for neurons to which they make no difference. */
export const ANY_CONVENTIONS: NirConventions = EULER;

/** Conventions of simulators. docs/nir.md says which of them a test compares with the simulator's own numbers. */
const PRESETS: Readonly<Record<NirPreset, NirConventions>> = {
  exact: { ...EULER, scheme: "exact", resetTime: "crossing" },
  norse: EULER,
  nengo: { ...EULER, scheme: "exact" },
  lava: { ...EULER, arrival: "next step" },
  snntorch: { ...EULER, resetTime: "next step", current: "new" },
  spikingjelly: { ...EULER, firing: "at" },
  // Its step returns the spikes of the potential that it starts with.
  spyx: { ...EULER, reset: "subtract", resetTime: "next step", arrival: "next step", gain: "none" },
};

/** The values of each choice. */
export const CONVENTION_VALUES: { readonly [N in keyof NirConventions]: readonly NirConventions[N][] } = {
  scheme: ["euler", "exact"],
  reset: ["file", "subtract"],
  resetTime: ["same step", "next step", "crossing"],
  arrival: ["same step", "next step"],
  current: ["old", "new"],
  firing: ["above", "at"],
  gain: ["file", "none"],
};

export const CONVENTION_NAMES = Object.keys(CONVENTION_VALUES) as readonly (keyof NirConventions)[];

export const CONVENTION_KINDS = Object.fromEntries(
  CONVENTION_NAMES.map((name) => [name, optional(choice(CONVENTION_VALUES[name]))]),
) as { readonly [N in keyof NirConventions]: OptionalKind };

export const PRESET_KIND = optional(choice(Object.keys(PRESETS)));

/**
 * The conventions of a preset with those that are given by name in place of its own.
 * @throws SpikevineError if one is neither given nor part of a preset
 */
export function conventionsOf(preset: NirPreset | undefined, given: Partial<NirConventions>): NirConventions {
  const found = CONVENTION_NAMES.map((name) => [name, given[name] ?? (preset && PRESETS[preset][name])] as const);
  const open = found.filter(([, value]) => value === undefined).map(([name]) => name);
  if (open.length > 0) {
    throw new SpikevineError(
      `loadNir: NIR files do not contain ${open.join(", ")}; give a preset (${Object.keys(PRESETS).join(", ")}) or these options.`,
    );
  }
  const chosen = Object.fromEntries(found) as unknown as NirConventions;
  if (chosen.resetTime === "crossing" && (chosen.scheme !== "exact" || chosen.reset !== "file")) {
    throw new SpikevineError(
      'loadNir: resetTime "crossing" needs scheme "exact" and reset "file"; change them or give resetTime "same step".',
    );
  }
  return chosen;
}
