import { SpikevineError } from "../../errors.js";
import type { Tensor, TensorFile } from "../../io/formats/safetensors.js";

/** Kinds of modules that have arrays: maps with weights, normalizations, and neurons. */
export type ModuleKind = "linear" | "convolution" | "normalization" | "neurons";

/** A tensor of a state_dict with its numbers. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Tensors of a state_dict whose names begin alike: `fc1.weight` and `fc1.bias` are the module `fc1`. */
export interface StateModule {
  readonly name: string;
  readonly kind: ModuleKind;
  /** By the role that the rest of the name stands for: `weight`, `bias`, `recurrent`, or the name as it is, e.g. `beta`. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}

/** Contents of a state_dict: its modules by name, and tensors that are no parameters. */
export interface StateDict {
  readonly modules: readonly StateModule[];
  /** Counters and states of the last presentation, which a network does not need. */
  readonly ignored: readonly string[];
}

/** Names of weights in modules of neurons: snnTorch's RLeaky, Sinabs' LIFRecurrent, Norse's recurrent cells. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/^(.*?)\.?recurrent\.weight$/, "recurrent"],
  [/^(.*?)\.?recurrent\.bias$/, "recurrentBias"],
  [/^(.*?)\.?rec_connect(?:\.\d+)?\.weight$/, "recurrent"],
  [/^(.*?)\.?rec_connect(?:\.\d+)?\.bias$/, "recurrentBias"],
  [/^(.*?)\.?recurrent_weights$/, "recurrent"],
  [/^(.*?)\.?input_weights$/, "weight"],
];

/** States of a presentation and counters, which PyTorch stores beside parameters. */
const STATES =
  /^(?:num_batches_tracked|mem|spk|syn|syn_exc|syn_inh|reset|v|v_mem|i_syn|b|activations|n_spikes_out|memory)$/;

/**
 * The modules of a state_dict, in the natural order of their names: `fc2` before `fc10`.
 * @param omitted names of modules or tensors that are left out
 * @throws SpikevineError for a tensor with a value that is not finite
 */
export function readModules({ tensors }: TensorFile, file: string, omitted: ReadonlySet<string>): StateDict {
  const found = new Map<string, Map<string, NamedTensor>>();
  const ignored: string[] = [];
  for (const [name, tensor] of tensors) {
    const [module, role] = partsOf(name);
    if (omitted.has(name) || omitted.has(module) || STATES.test(role)) {
      ignored.push(name);
      continue;
    }
    const roles = found.get(module) ?? new Map<string, NamedTensor>();
    if (roles.has(role)) throw new SpikevineError(`state dict "${file}" has two tensors for "${name}"; remove one.`);
    found.set(module, roles.set(role, { name, shape: tensor.shape, values: finiteValues(name, tensor, file) }));
  }
  const modules = [...found].map(([name, roles]) => ({ name, kind: kindOf(roles), tensors: roles }));
  return { modules: modules.sort((a, b) => naturalOrder(a.name, b.name)), ignored };
}

function partsOf(name: string): [module: string, role: string] {
  for (const [pattern, role] of ROLES) {
    const match = pattern.exec(name);
    if (match !== null) return [match[1]!, role];
  }
  const dot = name.lastIndexOf(".");
  return [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)];
}

function finiteValues(name: string, { data }: Tensor, file: string): ArrayLike<number> {
  const values = data instanceof BigInt64Array || data instanceof BigUint64Array ? Array.from(data, Number) : data;
  for (let i = 0; i < values.length; i++) {
    // Weights are stored in single precision.
    if (Number.isFinite(Math.fround(values[i]!))) continue;
    throw new SpikevineError(
      `state dict "${file}": ${name} has the value ${values[i]} at ${i}; give a network of finite numbers.`,
    );
  }
  return values;
}

function kindOf(roles: ReadonlyMap<string, NamedTensor>): ModuleKind {
  const dimensions = roles.get("weight")?.shape.length;
  if (dimensions === 2) return "linear";
  if (dimensions === 4) return "convolution";
  return roles.has("running_mean") ? "normalization" : "neurons";
}

const collator = new Intl.Collator("en", { numeric: true });
const naturalOrder = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : 1);
