import type { NeuronDefinition } from "../../equations/definitions/neuron.js";
import { operation, symbol, ZERO } from "../../equations/language/expression.js";
import type { PopulationModel } from "../model.js";
import type { Variables } from "./element-expression.js";
import { type Population, Subgroup } from "./population.js";
import type { PopulationBuilder } from "./population-builder.js";

/** The events of one name of a population's neurons, as a population that fires where the event happens. */
export class EventBuilder implements Population {
  readonly name: string;
  readonly size: number;
  readonly index: number;
  logged = false;
  /** The population whose neurons have the event. */
  readonly of: PopulationBuilder;
  readonly #event: string;

  constructor(of: PopulationBuilder, event: string, index: number) {
    this.name = `${of.name}: ${event}`;
    this.size = of.size;
    this.index = index;
    this.of = of;
    this.#event = event;
  }

  get neuron(): NeuronDefinition {
    return this.of.neuron;
  }

  slice(from: number, to: number = this.size): Population {
    return new Subgroup(this, from, to);
  }

  variables(): Variables {
    return this.of.variables();
  }

  /** Reads the state of the neurons that tells if the event has happened in this step. */
  model(): PopulationModel {
    const { name, size, logged, of } = this;
    const happened = symbol("happened");
    const copied = { population: of.index, state: of.eventState(this.#event), when: "update" } as const;
    const values = new Float64Array(size);
    return {
      name,
      size,
      states: [],
      next: {},
      spike: operation("less", ZERO, happened),
      drives: [{ symbol: happened.name, rows: 1, stepsPerRow: 1, width: size, values, copied }],
      noise: [],
      logged,
      active: of.active,
      equations: "an event of neurons",
    };
  }
}
