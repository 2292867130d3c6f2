import { type MapNode, mapsOf, type NeuronNode, type NormalizeNode } from "../../../networks/graph.js";
import { NETWORK, type Network } from "../../../networks/network.js";
import { FIELD_RESETS } from "../../../neurons/field-units.js";
import { bytes, fields, named, optional, signature, text } from "../../arguments/index.js";
import { SpikevineError } from "../../errors.js";
import { parseSafetensors } from "../../io/formats/safetensors.js";
import { isZip } from "../../io/formats/unzip.js";
import { nearestName } from "../../nearest-name.js";
import { mapWeights, orderOf, recurrentWeights, torchShape, unitValues } from "./arrays.js";
import { type NamedTensor, readModules, type StateDict, type StateModule } from "./modules.js";
import { fieldReset, PARAMETER_RULES } from "./neuron-parameters.js";

export interface StateDictOptions {
  /** Name of the file, for messages. Default: "state dict". */
  readonly name?: string;
  /**
   * Layers by the names of modules, where names and shapes do not decide: `{ decoder: "layer2" }`. "none" leaves a module or a
   * tensor out.
   */
  readonly names?: Readonly<Record<string, string>>;
}

/** What an import did with every tensor of a state_dict. */
export interface ImportedStateDict {
  /** Names of tensors, and the array of the network that each was copied to, or the fixed parameter that it agrees with. */
  readonly matched: ReadonlyMap<string, string>;
  /** Tensors without a meaning for a network: counters, states of a presentation, and those that "none" names. */
  readonly ignored: readonly string[];
}

const check = signature("importStateDict", {
  network: NETWORK,
  file: bytes,
  options: optional(
    fields<StateDictOptions>(
      { name: optional(text()), names: optional(named(text("the name of a layer, or none"))) },
      { root: "options" },
    ),
  ),
});

/** The value of `names` that leaves a module out. */
const NONE = "none";

/**
 * Copies the weights of a PyTorch `state_dict`, stored as safetensors, into a network of the same architecture: linear layers,
 * convolutions, batch normalizations, and the parameters of neurons of snnTorch, SpikingJelly, Norse and Sinabs. Modules are taken in the
 * natural order of their names (`fc2` before `fc10`); each is copied to the first layer that its shape fits. Weights are transposed
 * to `[inputs, units]`; what was flattened with its channels first is reordered. Numbers are rounded to single precision.
 * A parameter that the network does not train must have the value of the network's neuron.
 * @param file bytes of the .safetensors file
 * @throws SpikevineError if a tensor has no place, a layer gets no weights, or a value differs; the network is then unchanged.
 */
export function importStateDict(network: Network, file: Uint8Array, options: StateDictOptions = {}): ImportedStateDict {
  check([network, file, options]);
  const { name = "state dict", names = {} } = options;
  const dict = readStateDict(file, name, names);
  const placed = placeModules(network, dict.modules, names, name);
  const writes: Writes = { arrays: new Map(), matched: new Map(), unmatched: [] };
  for (const module of dict.modules) {
    const place = placed.get(module);
    if (place === undefined) writes.unmatched.push(...module.tensors.values());
    else place.copy(module, writes);
  }
  refuseRest(network, writes, name);
  for (const [array, values] of writes.arrays) network.parameters.get(array)!.data.set(values);
  return { matched: writes.matched, ignored: dict.ignored };
}

/** Modules of a state_dict in the bytes of a file. */
export function readStateDict(file: Uint8Array, name: string, names: Readonly<Record<string, string>> = {}): StateDict {
  if (isZip(file) || (file[0] === 0x80 && file[1] === 0x02)) {
    throw new SpikevineError(
      `state dict "${name}" is a file of torch.save, which can hold code; write it with safetensors.torch.save_file(model.state_dict(), ...).`,
    );
  }
  const omitted = new Set(Object.keys(names).filter((module) => names[module] === NONE));
  const content = parseSafetensors(file, name);
  const dict = readModules(content, name, omitted);
  const known = [...content.tensors.keys(), ...dict.modules.map((module) => module.name)];
  const unknown = Object.keys(names).find(
    (wanted) => !known.some((one) => one === wanted || one.startsWith(`${wanted}.`)),
  );
  if (unknown === undefined) return dict;
  const near = nearestName(
    unknown,
    dict.modules.map((module) => module.name),
  );
  throw new SpikevineError(
    `state dict "${name}": names has "${unknown}", which is no module of the file${near === undefined ? "." : `; did you mean "${near}"?`}`,
  );
}

interface Writes {
  /** New values by the names of arrays. */
  readonly arrays: Map<string, ArrayLike<number>>;
  readonly matched: Map<string, string>;
  readonly unmatched: NamedTensor[];
}

/** A part of the network that takes the tensors of one module. */
interface Place {
  readonly layer: string;
  fits(module: StateModule): boolean;
  copy(module: StateModule, writes: Writes): void;
}

/** The place of every module: the layer that it is named for, or the first free one that it fits. */
function placeModules(
  network: Network,
  modules: readonly StateModule[],
  names: Readonly<Record<string, string>>,
  file: string,
): Map<StateModule, Place> {
  const free = placesOf(network, file);
  const placed = new Map<StateModule, Place>();
  const put = (module: StateModule, isWanted: (place: Place) => boolean): void => {
    const at = free.findIndex((place) => isWanted(place) && place.fits(module));
    if (at >= 0) placed.set(module, free.splice(at, 1)[0]!);
  };
  for (const module of modules) {
    const layer = Object.hasOwn(names, module.name) ? names[module.name] : undefined;
    if (layer === undefined) continue;
    if (!network.layerNames.includes(layer) && !network.nodes.some((node) => node.name === layer)) {
      throw new SpikevineError(
        `state dict "${file}": names maps "${module.name}" to "${layer}", but the layers are ${network.layerNames.join(", ")}; give one of them, or none.`,
      );
    }
    put(module, (place) => place.layer === layer);
  }
  for (const module of modules) {
    if (!placed.has(module) && !Object.hasOwn(names, module.name)) put(module, () => true);
  }
  return placed;
}

function placesOf(network: Network, file: string): Place[] {
  return network.nodes.flatMap((node, i): Place[] => {
    switch (node.kind) {
      case "map":
        return [mapPlace(network, node, file)];
      case "normalize":
        return [normalizationPlace(node)];
      case "neurons": {
        const below = network.nodes[i - 1];
        return [neuronPlace(network, node, below?.kind === "map" && below.name === node.name, file)];
      }
      default:
        return [];
    }
  });
}

function mapPlace(network: Network, map: MapNode, file: string): Place {
  const { name: layer, columns } = map;
  const shape = torchShape(map).join();
  return {
    layer,
    fits: (module) => module.tensors.get("weight")?.shape.join() === shape,
    copy({ name, tensors }, writes) {
      for (const [role, tensor] of tensors) {
        if (role === "weight") {
          write(writes, tensor, `${layer}.weights`, mapWeights(map, orderOf(network.nodes, map.from), tensor.values));
        } else if (role === "bias" && map.bias && tensor.values.length === columns) {
          write(writes, tensor, `${layer}.bias`, tensor.values);
        } else if (role === "bias" && isZero(tensor)) {
          writes.matched.set(tensor.name, "0: no bias");
        } else if (role === "bias") {
          throw new SpikevineError(
            `state dict "${file}" has ${name}.bias, but ${layer} has no bias; give it one: bias: true.`,
          );
        } else if (role === "recurrent") {
          copyRecurrent(network, layer, tensor, writes);
        } else writes.unmatched.push(tensor);
      }
    },
  };
}

const isZero = ({ values }: NamedTensor): boolean => Array.prototype.every.call(values, (value: number) => value === 0);

function write(writes: Writes, tensor: NamedTensor, array: string, values: ArrayLike<number>): void {
  writes.arrays.set(array, values);
  writes.matched.set(tensor.name, array);
}

function copyRecurrent(network: Network, layer: string, tensor: NamedTensor, writes: Writes): void {
  const array = `${layer}.recurrent`;
  const units = network.parameters.get(array)?.rows;
  if (units === undefined || tensor.shape.join() !== `${units},${units}`) writes.unmatched.push(tensor);
  else {
    const index = network.nodes.findIndex((node) => node.kind === "neurons" && node.name === layer);
    write(writes, tensor, array, recurrentWeights(tensor.values, orderOf(network.nodes, index)));
  }
}

/** Arrays of a normalization by the names of `torch.nn.BatchNorm`. */
const NORMALIZATION = { weight: "gain", bias: "shift", running_mean: "mean", running_var: "variance" };

function normalizationPlace({ name: layer, shape }: NormalizeNode): Place {
  return {
    layer,
    fits: ({ kind, tensors }) =>
      kind === "normalization" && tensors.get("running_mean")?.values.length === shape.channels,
    copy({ tensors }, writes) {
      for (const [role, tensor] of tensors) {
        const array = Object.hasOwn(NORMALIZATION, role)
          ? NORMALIZATION[role as keyof typeof NORMALIZATION]
          : undefined;
        if (array === undefined || tensor.values.length !== shape.channels) writes.unmatched.push(tensor);
        else write(writes, tensor, `${layer}.${array}`, tensor.values);
      }
    },
  };
}

/** @param hasMap whether the neurons and a map are one layer, whose bias takes that of recurrent weights */
function neuronPlace(network: Network, node: NeuronNode, hasMap: boolean, file: string): Place {
  const { name: layer, neuron } = node;
  return {
    layer,
    // Modules without a parameter that is known here have no place.
    fits: ({ kind, tensors }) =>
      kind === "neurons" &&
      [...tensors.keys()].every((role) => {
        const rule = PARAMETER_RULES.get(role);
        return rule === undefined ? OTHERS.has(role) : Object.hasOwn(neuron.parameters, rule.parameter);
      }),
    copy({ tensors }, writes) {
      for (const [role, tensor] of tensors) {
        if (role === "recurrent") copyRecurrent(network, layer, tensor, writes);
        else if (role === "recurrentBias") addBias(network, hasMap ? layer : undefined, tensor, writes);
        else if (role === "reset_mechanism_val") checkReset(node, tensor, writes, file);
        else if (role === "graded_spikes_factor") checkFactor(tensor, writes, file);
        else copyParameter(network, node, role, tensor, writes, file);
      }
    },
  };
}

/** Tensors of modules of neurons that are no parameters of a neuron. */
const OTHERS = new Set(["recurrent", "recurrentBias", "reset_mechanism_val", "graded_spikes_factor"]);

/** The bias of recurrent weights is a constant current too; it is added to the layer's own. */
function addBias(network: Network, layer: string | undefined, tensor: NamedTensor, writes: Writes): void {
  const array = `${layer}.bias`;
  const columns = network.parameters.get(array)?.columns;
  const own = writes.arrays.get(array);
  if (isZero(tensor)) writes.matched.set(tensor.name, "0: no bias");
  else if (columns !== tensor.values.length || own === undefined) writes.unmatched.push(tensor);
  else
    write(
      writes,
      tensor,
      array,
      Float32Array.from(own, (value, i) => value + tensor.values[i]!),
    );
}

function copyParameter(
  network: Network,
  node: NeuronNode,
  role: string,
  tensor: NamedTensor,
  writes: Writes,
  file: string,
): void {
  const { name: layer, neuron } = node;
  const { parameter, value } = PARAMETER_RULES.get(role)!;
  const info = neuron.parameters[parameter]!;
  const values = Float32Array.from(tensor.values, (given) => value(given, network.dt));
  const array = network.parameters.get(`${layer}.${parameter}`);
  const where = `state dict "${file}": ${tensor.name}`;
  if (array === undefined) {
    const other = values.find((one) => one !== Math.fround(info.value));
    if (other !== undefined) {
      throw new SpikevineError(
        `${where} is ${shownNumber(other)}, but ${parameter} of ${layer} (${neuron.name}) is ${info.value}; give the neuron this value, or train it: trainable: { ${parameter}: "${values.length === 1 ? "layer" : "unit"}" }.`,
      );
    }
    writes.matched.set(tensor.name, `${layer}: ${parameter} ${info.shown}`);
    return;
  }
  const spread = unitValues(orderOf(network.nodes, network.nodes.indexOf(node)), array.columns, values);
  if (spread === undefined) {
    throw new SpikevineError(
      `${where} has ${values.length} values, but ${layer}.${parameter} has ${array.columns}; train it per unit: trainable: { ${parameter}: "unit" }.`,
    );
  }
  write(writes, tensor, `${layer}.${parameter}`, spread);
}

/** The shortest decimal that is the same number in single precision. */
export const shownNumber = (value: number): string => String(Number(Math.fround(value).toPrecision(7)));

function checkReset({ name: layer, neuron }: NeuronNode, tensor: NamedTensor, writes: Writes, file: string): void {
  const wanted = FIELD_RESETS[tensor.values[0] ?? -1];
  const own = fieldReset(neuron);
  if (wanted === undefined || own !== wanted) {
    throw new SpikevineError(
      `state dict "${file}": ${tensor.name} is the reset ${wanted ?? tensor.values[0]}, but that of ${layer} (${neuron.name}) is ${own ?? "another one"}; give the neuron this reset, or names: { "${tensor.name}": "none" } if they are the same.`,
    );
  }
  writes.matched.set(tensor.name, `${layer}: reset ${own}`);
}

function checkFactor(tensor: NamedTensor, writes: Writes, file: string): void {
  if (Array.prototype.some.call(tensor.values, (value: number) => value !== 1)) {
    throw new SpikevineError(
      `state dict "${file}": ${tensor.name} is ${tensor.values[0]}, but spikes are 0 or 1 here; multiply the weights that read them by it, and set it to 1.`,
    );
  }
  writes.matched.set(tensor.name, "1: spikes are 0 or 1");
}

/** Arrays that have no meaningful initial value. */
const NEEDED = /\.(?:weights|recurrent|bias|gain|shift|mean|variance)$/;

/** @throws SpikevineError if a tensor was not copied, or an array got no values */
function refuseRest(network: Network, { arrays, unmatched }: Writes, file: string): void {
  const empty = [...network.parameters.keys()].filter((array) => NEEDED.test(array) && !arrays.has(array));
  if (unmatched.length === 0 && empty.length === 0) return;
  const sizes = (array: string): string => {
    const { rows, columns } = network.parameters.get(array)!;
    const map = mapsOf(network).find(({ name }) => array === `${name}.weights`);
    return `${array} [${(map === undefined ? [rows, columns] : torchShape(map)).join(", ")}]`;
  };
  const candidates = empty.length > 0 ? empty : [...network.parameters.keys()];
  const shown = unmatched.slice(0, 12).map(({ name, shape }) => {
    const near = nearestName(name, candidates) ?? candidates[0];
    return `${name} [${shape.join(", ")}]${near === undefined ? "" : ` (nearest: ${sizes(near)})`}`;
  });
  if (unmatched.length > shown.length) shown.push(`${unmatched.length - shown.length} more`);
  const faults = [
    ...(unmatched.length === 0 ? [] : [`these tensors fit no array of the network: ${shown.join(", ")}`]),
    ...(empty.length === 0 ? [] : [`no tensor fits ${empty.map(sizes).join(", ")}`]),
  ];
  throw new SpikevineError(
    `state dict "${file}": ${faults.join("; ")}; give the network these shapes, or names, e.g. { "${unmatched[0]?.name.split(".")[0] ?? "fc1"}": "layer1" } ("none" leaves one out).`,
  );
}
