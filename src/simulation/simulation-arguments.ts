import {
  bytes,
  callback,
  choice,
  either,
  fields,
  flag,
  list,
  made,
  named,
  optional,
  quantity,
  signature,
  text,
} from "../arguments/index.js";
import { TABLE } from "../equations/definitions/argument-kinds.js";
import { NEURON } from "../equations/definitions/neuron.js";
import { SEED } from "../random/seed.js";
import type { Moment } from "./changes.js";
import { INPUT } from "./network/external-input.js";
import { CONNECT, PLASTIC_PROJECTION } from "./network/plastic-projection.js";
import { POPULATION, SIZE } from "./network/population.js";
import { PROJECTION } from "./network/projection.js";
import { SOURCE } from "./network/source-builder.js";
import { POPULATION_OPTIONS, SIMULATION_OPTIONS, type SimulationOptions } from "./options.js";
import { RUN_OPTIONS } from "./running/run-loop.js";
import { VALUES } from "./values.js";

/** The arguments of a simulation's methods. */

export interface ResetOptions {
  readonly trial?: number;
}

export interface RegularOptions {
  readonly every: number | string;
  readonly when?: Moment;
}

export interface SaveOptions {
  readonly monitors?: boolean;
}

const VARIABLE = text("the name of a variable");
const NAME = text("a name");
const POPULATIONS = either(POPULATION, list(POPULATION, 1));
export const checkSimulation = signature("simulation", {
  options: fields<SimulationOptions>(SIMULATION_OPTIONS, { root: "options" }),
});
export const checkPopulation = signature("population", {
  name: NAME,
  size: SIZE,
  neuron: NEURON,
  options: POPULATION_OPTIONS,
});
export const checkSource = signature("source", { name: NAME, size: SIZE, options: SOURCE });
export const checkEvent = signature("event", { population: POPULATION, event: text("the name of an event") });
export const checkPlain = signature("connect", { pre: POPULATION, post: POPULATIONS, options: CONNECT.plain });
const END = either(POPULATION, PLASTIC_PROJECTION);
export const checkPlastic = signature("connect", {
  pre: END,
  post: either(POPULATION, PLASTIC_PROJECTION, list(END, 1)),
  options: CONNECT.plastic,
});
export const checkInput = signature("input", { population: POPULATION, input: INPUT });
const PART = either(POPULATION, PROJECTION);
export const checkSet = signature("set", { part: PART, variable: VARIABLE, values: VALUES });
export const checkTable = signature("set", {
  part: either(POPULATION, PLASTIC_PROJECTION),
  variable: NAME,
  values: TABLE,
});
export const checkChange = {
  input: signature("change", { input: made("the result of sim.input()", "population"), by: INPUT }),
  source: signature("change", { source: POPULATION, by: SOURCE }),
};
export const checkActive = signature("setActive", { part: PART, active: flag });
const WHEN = choice(["start", "after arrivals"]);
export const checkEvery = signature("every", {
  period: quantity,
  callback: callback(),
  options: fields<{ readonly when?: Moment }>({ when: optional(WHEN) }, { root: "options" }),
});
export const checkRegularly = signature("runRegularly", {
  population: POPULATION,
  equations: named(text("an expression"), "an object from states and parameters to expressions"),
  options: fields<RegularOptions>({ every: quantity, when: optional(WHEN) }, { root: "options" }),
});
export const checkRun = signature("run", { duration: quantity, options: RUN_OPTIONS });
export const checkReset = signature("reset", {
  options: fields<ResetOptions>({ trial: optional(SEED) }, { root: "options" }),
});
export const checkSave = signature("save", {
  options: fields<SaveOptions>({ monitors: optional(flag) }, { root: "options" }),
});
export const checkRestore = signature("restore", { bytes });
export const checkState = signature("state", { population: POPULATION, variable: VARIABLE });
export const checkSynapses = signature("synapseState", { projection: PLASTIC_PROJECTION, variable: VARIABLE });
