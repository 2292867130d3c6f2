import { losses } from "../../losses/index.js";
import { everyOutput, everyState, type LossInput } from "../../losses/input.js";
import type { LossTerm } from "../../losses/term.js";
import { lastOutput, lastState, spikeCount, spikeRate } from "../../networks/readout.js";
import { SpikevineError } from "../errors.js";
import { unknownName } from "../nearest-name.js";
import type { LossOption } from "../training/losses/index.js";
import { LOSS_FORM } from "./loss-form.js";
import { ownParts } from "./own-module.js";
import type { Experiment } from "./schema.js";

/** Numbers that a loss can read, by name; every other name is that of a state at every step. */
const INPUTS: Readonly<Record<string, LossInput>> = {
  count: spikeCount(),
  rate: spikeRate(),
  output: everyOutput(),
  "last-output": lastOutput(),
};

/**
 * The terms of a loss in a file or a flag: `cross-entropy`, `mean-squared-error(of=v)`,
 * `cross-entropy(of=rate, scale=10) + rate-bounds(upper=0.2, layers=layer1/layer2, weight=5)`. `of` is `count`, `rate`,
 * `output` (of every step), `last-output`, the name of a state (at every step) or `last-` and the name of a state.
 * @throws SpikevineError for another form, an unknown loss or option, or a value outside its range
 */
export function buildLoss(text: string): readonly LossTerm[] {
  return text.split(/\+(?![^(]*\))/).map((part) => {
    const found = /^\s*([\w-]+)\s*(?:\(([^()]*)\))?\s*$/.exec(part);
    if (found === null) throw new SpikevineError(`loss is "${text}"; give ${LOSS_FORM}.`);
    const [, name, options = ""] = found as unknown as [string, string, string | undefined];
    if (!Object.hasOwn(losses, name)) throw unknownName("loss", name, Object.keys(losses));
    const given = options.split(",").filter((option) => option.trim() !== "");
    return losses[name]!(Object.fromEntries(given.map((option) => readOption(option, text))));
  });
}

/** The loss of an experiment, that of its module or of its field, as an option of `train` and `evaluate`, which have a default. */
export function lossOption(experiment: Experiment): { readonly loss?: LossOption } {
  const own = ownParts(experiment).loss;
  if (own !== undefined) return { loss: own };
  const { loss } = experiment.training;
  return loss === null ? {} : { loss: buildLoss(loss) };
}

function readOption(option: string, text: string): [name: string, value: unknown] {
  const found = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(option);
  if (found === null) throw new SpikevineError(`loss is "${text}"; give ${LOSS_FORM}.`);
  const [, name, value] = found as unknown as [string, string, string];
  if (name === "of") return [name, inputOf(value)];
  if (name === "layers") return [name, value === "all" ? value : value.split("/")];
  return [name, value === "" || Number.isNaN(Number(value)) ? value : Number(value)];
}

function inputOf(name: string): LossInput {
  if (Object.hasOwn(INPUTS, name)) return INPUTS[name]!;
  return name.startsWith("last-") ? lastState(name.slice("last-".length)) : everyState(name);
}
