import { integrator, leaky, li, lif, type NeuronDefinition, synaptic } from "../../../neurons/index.js";
import { CONVENTION_NAMES, CONVENTION_VALUES, type NirConventions } from "./conventions.js";
import { NEURON_TYPES, type NeuronType, nirEquations, parametersOf } from "./neuron-equations.js";

/** Values of a parameter of a layer's neurons: one, or one per unit. */
export type Values = readonly number[];

/** A neuron in the terms of NIR. */
export interface RecognizedNeuron {
  readonly type: NeuronType;
  /** The choices that its equations show; those that make no difference to them are left out. */
  readonly conventions: Partial<NirConventions>;
  /** Unit of its times in a file, ms; undefined: it has none. */
  readonly timeUnit?: number;
  /** Parameter that the membrane potential starts at; undefined: it starts at 0. */
  readonly start?: string;
  /**
   * Values of the node's fields.
   * @param of values of a parameter of the neuron
   * @param dt length of a step, ms
   */
  fields(of: (parameter: string) => Values, dt: number): Readonly<Record<string, Values>>;
}

/** NIR's own unit of time, ms. */
const SECOND = 1000;

/** The node type of a neuron; undefined if its equations are none of NIR's. */
export function recognizeNeuron(neuron: NeuronDefinition): RecognizedNeuron | undefined {
  return nirNode(neuron) ?? OWN.find(({ twins }) => twins.some((twin) => haveSameEquations(twin, neuron)))?.node;
}

/** A neuron that `loadNir` made. Its equations are those of one or several combinations of choices. */
function nirNode(neuron: NeuronDefinition): RecognizedNeuron | undefined {
  const type = NEURON_TYPES.find((one) => neuron.name === `nir-${one.toLowerCase()}`);
  const elapsed = neuron.spec.derived?.elapsed;
  const timeUnit = typeof elapsed === "string" ? Number(/^dt \/ \((\S+) ms\)$/.exec(elapsed)?.[1]) : Number.NaN;
  if (type === undefined || !(timeUnit > 0 || type === "Threshold")) return undefined;
  const own = equationsOf(neuron.spec);
  const fitting = combinations().filter((conventions) => {
    if (conventions.resetTime === "crossing" && (conventions.scheme !== "exact" || conventions.reset !== "file"))
      return false;
    return equationsOf(nirEquations(type, conventions, timeUnit)) === own;
  });
  if (fitting.length === 0) return undefined;
  const shown = CONVENTION_NAMES.filter((name) => fitting.every((one) => one[name] === fitting[0]![name]));
  return {
    type,
    conventions: Object.fromEntries(shown.map((name) => [name, fitting[0]![name]])),
    ...(timeUnit > 0 ? { timeUnit } : {}),
    fields: (of) => Object.fromEntries(parametersOf(type).map((field) => [field, of(field)])),
  };
}

function combinations(): NirConventions[] {
  let found: Partial<NirConventions>[] = [{}];
  for (const name of CONVENTION_NAMES) {
    found = found.flatMap((one) => CONVENTION_VALUES[name].map((value) => ({ ...one, [name]: value })));
  }
  return found as NirConventions[];
}

const SAME_STEP = {
  scheme: "exact",
  resetTime: "same step",
  arrival: "same step",
  firing: "above",
} as const;
const NEXT_STEP = {
  scheme: "euler",
  resetTime: "next step",
  arrival: "same step",
  current: "new",
  firing: "above",
} as const;

/** Neurons of this library whose equations are those of a node type, with the fields that make them equal. */
const OWN: readonly { readonly twins: readonly NeuronDefinition[]; readonly node: RecognizedNeuron }[] = [
  ...(["zero", "subtract"] as const).map((reset) => ({
    twins: [lif({ reset }), lif({ reset, detachReset: true })],
    node: {
      type: "LIF" as const,
      conventions: { ...SAME_STEP, reset: reset === "zero" ? ("file" as const) : reset },
      timeUnit: SECOND,
      start: "rest",
      fields: (of: (parameter: string) => Values) => ({
        tau: of("tau").map((ms) => ms / SECOND),
        r: of("resistance"),
        v_leak: of("rest"),
        v_threshold: of("threshold"),
        v_reset: of("rest"),
      }),
    },
  })),
  ...(["zero", "subtract"] as const).map((reset) => ({
    twins: [integrator({ reset }), integrator({ reset, detachReset: true })],
    node: {
      type: "IF" as const,
      conventions: {
        resetTime: "same step" as const,
        arrival: "same step" as const,
        firing: "at" as const,
        reset: reset === "zero" ? ("file" as const) : reset,
      },
      timeUnit: SECOND,
      start: "rest",
      fields: (of: (parameter: string) => Values, dt: number) => ({
        r: [SECOND / dt],
        v_threshold: of("threshold"),
        v_reset: of("rest"),
      }),
    },
  })),
  {
    twins: [li()],
    node: {
      type: "LI",
      conventions: { scheme: "exact", arrival: "same step" },
      timeUnit: SECOND,
      start: "rest",
      fields: (of) => ({ tau: of("tau").map((ms) => ms / SECOND), r: of("resistance"), v_leak: of("rest") }),
    },
  },
  ...(["zero", "subtract"] as const).map((reset) => ({
    twins: [leaky({ reset }), leaky({ reset, detachReset: false })],
    node: {
      type: "LIF" as const,
      conventions: { ...NEXT_STEP, reset: reset === "zero" ? ("file" as const) : reset },
      timeUnit: SECOND,
      fields: (of: (parameter: string) => Values, dt: number) => ({
        tau: of("beta").map((beta) => dt / SECOND / (1 - beta)),
        r: of("beta").map((beta) => 1 / (1 - beta)),
        v_leak: [0],
        v_threshold: of("threshold"),
        v_reset: [0],
      }),
    },
  })),
  {
    twins: [synaptic(), synaptic({ detachReset: false })],
    node: {
      type: "CubaLIF",
      conventions: { ...NEXT_STEP, reset: "subtract" },
      timeUnit: SECOND,
      fields: (of, dt) => ({
        tau_syn: of("alpha").map((alpha) => dt / SECOND / (1 - alpha)),
        tau_mem: of("beta").map((beta) => dt / SECOND / (1 - beta)),
        r: of("beta").map((beta) => 1 / (1 - beta)),
        v_leak: [0],
        w_in: of("alpha").map((alpha) => 1 / (1 - alpha)),
        v_threshold: of("threshold"),
        v_reset: [0],
      }),
    },
  },
];

/** Whether two neurons take the same steps, up to the values of their parameters and the derivatives of their resets. */
function haveSameEquations(one: NeuronDefinition, other: NeuronDefinition): boolean {
  const schemes = JSON.stringify(one.schemes) === JSON.stringify(other.schemes);
  return schemes && equationsOf(one.spec) === equationsOf(other.spec);
}

/** The equations of a specification as a text. */
function equationsOf(spec: Partial<NeuronDefinition["spec"]>): string {
  const { states = {}, derived, update, dynamics, spike, output, reset, refractory, functions, input } = spec;
  const initial = Object.entries(states).map(([name, { initial: start = 0, unit = "" }]) => [name, start, unit]);
  const equations = { initial, derived, update, dynamics, spike, output, reset, refractory, functions, input };
  const text = JSON.stringify(equations, (_, value: unknown) =>
    typeof value !== "object" || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  return text.replaceAll("detach(y)", "y").replace(/,"input":\{\}/, "");
}
