import { callback, fields, flag, optional, signature, text as textKind } from "../src/arguments/index.js";
import { NEURON, type NeuronDefinition } from "../src/equations/definitions/neuron.js";
import { SpikevineError } from "../src/errors.js";
import { type ConvolutionOptions, convolution } from "./convolution.js";
import { type DenseOptions, dense } from "./dense.js";
import type { Layer } from "./layers.js";
import { NEURON_OPTIONS } from "./neuron-options.js";
import { averagePool, maxPool, sumPool } from "./pooling.js";

/** Options of every convolution and every dense layer of a short form. */
export type ShortFormOptions = Omit<DenseOptions, "recurrent"> & {
  /** Recurrent weights of the dense layers; refused if there are convolutions. Default: false. */
  recurrent?: boolean;
};

const check = signature("shortForm", {
  text: textKind('a network in short form, e.g. "15C5-AP2-40C5-AP2-300"'),
  neuron: NEURON,
  options: fields<ShortFormOptions>(
    {
      ...NEURON_OPTIONS,
      bias: optional(flag),
      recurrent: optional(flag),
      initializer: optional(callback("an initializer, e.g. glorotUniform")),
    },
    { root: "options" },
  ),
});

const POOLS = { AP: averagePool, SP: sumPool, MP: maxPool };
const CONVOLUTION = /^(\d+)C(\d+)(.*)$/;
const POOL = /^(AP|SP|MP)(\d+)(.*)$/;
const DENSE = /^\d+$/;
const MARKS = /^(?:s(\d+))?(?:p(\d+))?$/;

/**
 * Hidden layers in the field's short form: `"15C5-AP2-40C5-AP2-300"`. `15C5` is a convolution to 15 channels with windows of 5 x 5
 * pixels, stride 1 and no padding, `AP2`, `SP2` and `MP2` are an average, a sum and a maximum over 2 x 2 pixels, and a number is a
 * dense layer. `s` and `p` mark stride and padding: `96C3p1`, `16C5s2p1`, `MP3s2`. Convolutions and dense layers have
 * neurons. The output layer is not part of the form: `layers: [...shortForm("12C5-MP2", lif()), dense(10, lif())]`.
 * @throws SpikevineError naming the part that cannot be read.
 */
export function shortForm(text: string, neuron: NeuronDefinition, options: ShortFormOptions = {}): Layer[] {
  check([text, neuron, options]);
  const { recurrent, ...others } = options;
  return text.split("-").map((part) => {
    const [, channels, window, marks] = CONVOLUTION.exec(part) ?? [];
    if (channels !== undefined && window !== undefined) {
      if (recurrent === true) {
        throw new SpikevineError(
          `shortForm: recurrent weights connect the units of dense layers, but "${part}" of "${text}" is a convolution; leave recurrent out, or give layers one by one.`,
        );
      }
      return convolution(Number(channels), Number(window), neuron, {
        ...marked(text, part, marks!),
        ...(others satisfies ConvolutionOptions),
      });
    }
    const [, kind, size, poolMarks] = POOL.exec(part) ?? [];
    if (kind !== undefined) return POOLS[kind as keyof typeof POOLS](Number(size), marked(text, part, poolMarks!));
    if (DENSE.test(part)) return dense(Number(part), neuron, options);
    throw unreadable(text, part);
  });
}

/** Stride and padding of a part. */
function marked(text: string, part: string, marks: string): { stride?: number; padding?: number } {
  const found = MARKS.exec(marks);
  if (found === null) throw unreadable(text, part);
  const [, stride, padding] = found;
  return {
    ...(stride === undefined ? {} : { stride: Number(stride) }),
    ...(padding === undefined ? {} : { padding: Number(padding) }),
  };
}

const unreadable = (text: string, part: string): SpikevineError =>
  new SpikevineError(
    `shortForm: "${part}" of "${text}" is no layer; give 15C5 (convolution), 15C5s2p1 (with stride and padding), AP2, SP2 or MP2 (pooling) or 300 (dense), joined by "-".`,
  );
