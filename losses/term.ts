import { choice, either, fields, list, number, optional, quantity, signature, text } from "../src/arguments/index.js";
import { LOSS_DEFINITION, type LossDefinition } from "../src/equations/definitions/loss.js";
import { SpikevineError } from "../src/errors.js";
import { LOSS_INPUT, type LossInput } from "./input.js";

/** A loss as a term of the sum that training minimizes. */
export interface LossTerm {
  readonly loss: LossDefinition;
  /** Factor of the term. */
  readonly weight: number;
  /** Numbers that the loss reads. Left out: the network's read-out. */
  readonly of?: LossInput;
  /** Layers that the term applies to, by name, or all. Left out: the last layer. */
  readonly layers?: readonly string[] | "all";
  /** Value of a state with a unit that counts as 1. */
  readonly unit?: number | string;
}

export interface TermOptions {
  /** Factor of the term, above 0. Default: 1. */
  readonly weight?: number;
  /**
   * Numbers that the loss reads: a read-out such as `spikeRate()` or `lastState("v")`, or the values of every step,
   * `everyOutput()` or `everyState("v")`. Default: the network's read-out.
   */
  readonly of?: LossInput;
  /** Layers that the term applies to: names such as `layer1`, or "all". A loss with targets reads the last layer only. */
  readonly layers?: readonly string[] | "all";
  /** Value of a state with a unit that counts as 1, e.g. "1 mV"; targets are in this unit too. */
  readonly unit?: number | string;
}

/** Kinds of the options of a term. */
export const TERM = {
  weight: optional(number({ above: 0 }, "the factor of the term, a number above 0")),
  of: optional(LOSS_INPUT),
  layers: optional(either(choice(["all"]), list(text('the name of a layer, e.g. "layer1"'), 1))),
  unit: optional(quantity),
} as const;

const check = signature("lossTerm", {
  loss: LOSS_DEFINITION,
  options: optional(fields<TermOptions>(TERM, { root: "options" })),
});

/**
 * A loss of your own as a term, e.g. `lossTerm(defineLoss({ ... }), { weight: 0.1 })`.
 * @throws SpikevineError for an option that does not fit the loss.
 */
export function lossTerm(loss: LossDefinition, options: TermOptions = {}): LossTerm {
  check([loss, options]);
  const { weight = 1, of, layers, unit } = options;
  const refuse = (what: string): never => {
    throw new SpikevineError(`losses/${loss.name} ${what}`);
  };
  if (loss.usesTarget && layers !== undefined)
    refuse("compares with targets, which only the last layer has; leave out layers.");
  if (loss.spec.penalty !== undefined && (of !== undefined || unit !== undefined)) {
    refuse(`is a penalty of weights; leave out ${of === undefined ? "unit" : "of"}.`);
  }
  return {
    loss,
    weight,
    ...(of === undefined ? {} : { of }),
    ...(layers === undefined ? {} : { layers }),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** A factory's options split into the term's and the values of parameters. */
export function splitTerm<O extends TermOptions>(
  options: O,
): { readonly term: TermOptions; readonly values: Omit<O, keyof TermOptions> } {
  const { weight, of, layers, unit, ...values } = options;
  const given = Object.entries({ weight, of, layers, unit }).filter(([, value]) => value !== undefined);
  return { term: Object.fromEntries(given), values };
}
