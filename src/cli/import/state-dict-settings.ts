import { FIELD_RESETS } from "../../../neurons/field-units.js";
import { SpikevineError } from "../../errors.js";
import type { ExperimentInput } from "../../experiment/schema.js";
import { shownNumber } from "../../formats/state-dict/import-state-dict.js";
import type { StateDict, StateModule } from "../../formats/state-dict/modules.js";

/** Fields of a network that a state_dict contains, with a line for each that was taken from it. */
export interface SettingsOfFile {
  readonly network: NonNullable<ExperimentInput["network"]>;
  readonly lines: readonly string[];
}

/** Fields of snnTorch's neurons. */
const FIELD_PARAMETERS = ["beta", "alpha", "threshold"] as const;

/**
 * Sizes of dense layers, biases, and parameters that all modules of neurons agree in.
 * @param isGiven tells if a field of `network` is given; it is not taken from the file then
 */
export function settingsOfFile(
  { modules }: StateDict,
  isGiven: (field: keyof NonNullable<ExperimentInput["network"]>) => boolean,
): SettingsOfFile {
  const network: Record<string, unknown> = {};
  const lines: string[] = [];
  const take = (field: keyof NonNullable<ExperimentInput["network"]>, value: unknown): void => {
    if (isGiven(field)) return;
    network[field] = value;
    lines.push(`${field} ${Array.isArray(value) ? value.join(", ") || "none" : value}`);
  };
  const maps = modules.filter(({ kind }) => kind === "linear" || kind === "convolution");
  if (maps.every(({ kind }) => kind === "linear") && !isGiven("layers")) take("hidden", unitsOf(maps).slice(0, -1));
  if (maps.length > 0 && maps.every(({ tensors }) => tensors.has("bias"))) take("bias", true);
  const neurons = modules.filter(({ kind }) => kind === "neurons");
  if (isFieldNeuron(neurons, ["beta"])) take("neuron", "leaky");
  if (!isFieldNeuron(neurons, ["beta"]) && !isFieldNeuron(neurons, ["alpha", "beta"])) return { network, lines };
  for (const parameter of FIELD_PARAMETERS) {
    const value = commonValue(neurons, parameter);
    if (value !== undefined) take(parameter, Number(shownNumber(value)));
  }
  const reset = FIELD_RESETS[commonValue(neurons, "reset_mechanism_val") ?? -1];
  if (reset !== undefined) take("reset", reset);
  return { network, lines };
}

const unitsOf = (maps: readonly StateModule[]): number[] => maps.map(({ tensors }) => tensors.get("weight")!.shape[0]!);

/** Whether all modules are neurons of snnTorch with exactly these decays. */
function isFieldNeuron(neurons: readonly StateModule[], decays: readonly string[]): boolean {
  return (
    neurons.length > 0 &&
    neurons.every(
      ({ tensors }) =>
        tensors.has("reset_mechanism_val") &&
        ["alpha", "beta", "V", "recurrent"].every((name) => tensors.has(name) === decays.includes(name)),
    )
  );
}

/** The one value of a tensor in all modules; undefined if there are several. */
function commonValue(neurons: readonly StateModule[], name: string): number | undefined {
  const values = new Set(neurons.flatMap(({ tensors }) => Array.from(tensors.get(name)?.values ?? [Number.NaN])));
  const [value] = values;
  return values.size === 1 && !Number.isNaN(value) ? value : undefined;
}

/**
 * Inputs and outputs of a network: of its first and last map.
 * @param shape shape of an image, if it is given
 * @throws SpikevineError for convolutions without the shape of their image
 */
export function sizesOfFile(
  { modules }: StateDict,
  shape: readonly [number, number, number] | undefined,
  file: string,
): { readonly inputs: number | readonly [number, number, number]; readonly outputs: number } {
  const maps = modules.filter(({ kind }) => kind === "linear" || kind === "convolution");
  const [first, last] = [maps[0], maps.at(-1)];
  if (first === undefined || last === undefined) {
    throw new SpikevineError(`import: "${file}" has no weights of linear layers or convolutions; give a state_dict.`);
  }
  const outputs = last.tensors.get("weight")!.shape[0]!;
  if (shape !== undefined) return { inputs: shape, outputs };
  if (first.kind === "linear") return { inputs: first.tensors.get("weight")!.shape[1]!, outputs };
  throw new SpikevineError(
    `import: "${file}" has convolutions, but not the size of their images; give --inputs, e.g. --inputs 1,28,28, and --layers.`,
  );
}
