import { SpikevineError } from "../../errors.js";
import { unknownName } from "../../nearest-name.js";
import type { Clock } from "../clock.js";
import type { ExternalInput } from "./external-input.js";
import { type InputPlace, makeInputPart } from "./input-part.js";
import { type Population, wholeOf } from "./population.js";
import type { PopulationBuilder } from "./population-builder.js";
import type { Populations } from "./populations.js";

/** An external input of a population; `change` replaces it. */
export interface Input {
  readonly population: Population;
}

interface InputHandle extends Input {
  readonly number: number;
  /** Number of its noise, once it is random. */
  noise?: number;
}

/** The external inputs of all populations. */
export class Inputs {
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #populations: Populations;
  readonly #noise: () => number;
  readonly #inputs: InputHandle[] = [];

  /** @param noise Numbers of the noises of a simulation. */
  constructor(clock: Clock, seed: number, populations: Populations, noise: () => number) {
    this.#clock = clock;
    this.#seed = seed;
    this.#populations = populations;
    this.#noise = noise;
  }

  add(population: Population, input: ExternalInput): Input {
    const handle: InputHandle = { population, number: this.#inputs.length };
    this.#drive(handle, input);
    this.#inputs.push(handle);
    return handle;
  }

  /** Replaces an input by another, which has the same random numbers if it is random. */
  change(input: Input, by: ExternalInput): void {
    const handle = this.#inputs.find((own) => own === input);
    if (handle === undefined) {
      throw new SpikevineError("change: this is not an input of this simulation; give the result of sim.input().");
    }
    this.#drive(handle, by);
  }

  #drive(handle: InputHandle, input: ExternalInput): void {
    const { population, number } = handle;
    const to = this.#populations.neurons(population, "an input drives");
    const noise = (): number => {
      handle.noise ??= this.#noise();
      return handle.noise;
    };
    to.inputs.set(number, makeInputPart(input, this.#place(population, to, number, noise)));
  }

  #place(population: Population, to: PopulationBuilder, number: number, noise: () => number): InputPlace {
    const where = `input of population "${population.name}"`;
    return {
      clock: this.#clock,
      seed: this.#seed,
      number,
      noise,
      where,
      population: to.size,
      from: wholeOf(population).from,
      size: population.size,
      inputOf: (target = to.neuron.input.symbol) => {
        const { inputs, name } = to.neuron;
        if (Object.hasOwn(inputs, target)) return { input: target, unit: inputs[target]!.unit };
        throw unknownName(`target of the ${where}: input current of neurons/${name}`, target, Object.keys(inputs));
      },
      unitOf: (state) => to.neuron.states[to.target(state, `target of the ${where}`)]!.unit,
    };
  }
}
