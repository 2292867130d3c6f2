import { networkCode } from "../network/code.js";
import { neuronCode } from "../neuron/code.js";
import { runsCode } from "../runs/code.js";
import { synapseCode } from "../synapse/code.js";
import { trainCode } from "../train/code.js";

const CODES: Readonly<Record<string, () => string>> = {
  train: trainCode,
  draw: trainCode,
  network: networkCode,
  neuron: neuronCode,
  runs: runsCode,
  synapse: synapseCode,
};

/** The script of a view. */
export const codeOf = (view: string): string => CODES[view]?.() ?? "";
