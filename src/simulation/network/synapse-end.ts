import type { SynapseDefinition } from "../../equations/definitions/synapse.js";
import { evaluate, freeSymbols } from "../../equations/language/expression.js";
import { DIMENSIONLESS } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { rowOfEach } from "../executors/plastic/row-of-each.js";
import type { PlasticModel, PopulationModel } from "../model.js";
import type { Variable, Variables } from "./element-expression.js";
import { dimensionOf } from "./neuron-values.js";
import type { Population } from "./population.js";

/** The projection whose synapses are an end. */
interface Synapses {
  readonly model: PlasticModel;
  readonly projection: {
    readonly pre: Population;
    readonly post: Population;
    readonly size: number;
    readonly synapse: SynapseDefinition;
  };
  /** Indices of the first neurons that are connected. */
  readonly first: { readonly pre: number; readonly post: number };
  /** Lets other synapses read a parameter. */
  expose(parameter: string): void;
  /** Lets a sum over other synapses replace a parameter. */
  sumInto(parameter: string): void;
}

/**
 * The synapses of a plastic projection as an end of another projection: in the model, a population without states that
 * never fires, with one element per synapse.
 */
export class SynapseEnd implements Population {
  readonly name: string;
  readonly size: number;
  readonly index: number;
  readonly logged = true;
  /** Index among the plastic projections. */
  readonly plastic: number;
  readonly of: Synapses;

  constructor(of: Synapses, plastic: number, index: number) {
    const { pre, post, size } = of.projection;
    this.name = `synapses "${pre.name}" to "${post.name}"`;
    this.size = size;
    this.index = index;
    this.plastic = plastic;
    this.of = of;
  }

  get synapse(): SynapseDefinition {
    return this.of.projection.synapse;
  }

  slice(): never {
    throw new SpikevineError(`${this.name}: synapses have no slices; choose them by the pattern of the projection.`);
  }

  /** Indices of the neurons, parameters and initial values, for expressions over pairs. */
  variables(): Variables {
    const { model, first } = this.of;
    const { synapse } = this;
    const { kernel, weights, initial, parameters, rowStart, targets } = model;
    const { size } = this;
    const given = (unit: string | undefined, values: number | ArrayLike<number>, name: string): [string, Variable] => [
      name,
      { dimension: dimensionOf(unit === "" ? undefined : unit, name), values, per: "column" },
    ];
    const start = (state: string): number | Float64Array => {
      if (Object.hasOwn(initial, state)) return initial[state]!;
      const formula = kernel.initial[state]!;
      const varied = freeSymbols([formula]);
      const at = (s: number): number =>
        evaluate({ formula }, Object.fromEntries(varied.map((p) => [p, parameters[p]![s]!]))).formula!;
      return varied.length === 0 ? at(0) : Float64Array.from({ length: size }, (_, s) => at(s));
    };
    const index = (values: ArrayLike<number>, from: number): Variable => ({
      dimension: DIMENSIONLESS,
      values: Float64Array.from(values, (neuron) => neuron - from),
      per: "column",
    });
    return new Map<string, Variable>([
      ["i", index(rowOfEach(rowStart), first.pre)],
      ["j", index(targets, first.post)],
      ...Object.entries(synapse.parameters).map(([name, { unit, value }]) =>
        given(unit, parameters[name] ?? value, name),
      ),
      given(synapse.weightUnit, weights, "weight"),
      ...Object.entries(synapse.states).map(([name, { unit }]) => given(unit, start(name), name)),
    ]);
  }

  model(): PopulationModel {
    const { name, size, logged } = this;
    return {
      name,
      size,
      states: [],
      next: {},
      drives: [],
      noise: [],
      logged,
      active: false,
      equations: "synapses of a projection",
    };
  }
}
