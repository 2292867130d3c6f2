import { SpikevineError } from "../../errors.js";
import { type Field, fields } from "../../experiment/fields.js";
import { isHdf5 } from "../../io/hdf5/read.js";
import { readFileBytes } from "../../io/read-file.js";
import type { Command, Invocation } from "../command-line/command.js";
import { refuseExisting } from "../import/import-card.js";
import { importNirFile, NIR_FLAGS } from "../import/import-nir-file.js";
import { importStateDictFile } from "../import/import-state-dict-file.js";

/** Fields of an experiment that a file of weights does not contain. */
const IMPORT_FIELDS: readonly Field[] = fields.filter(
  ({ path }) => path.startsWith("network.") || path.startsWith("encoder."),
);

const text = (flag: string, description: string, absent: string): Field => ({
  keys: [flag],
  path: flag,
  flag,
  group: "Import",
  kind: "text",
  default: null,
  absent,
  description,
  expects: "a text",
});

const TO = text("to", "model file to write; a file of this name must not exist", "FILE with -model.safetensors");
const NETWORK = text(
  "network",
  "PyTorch: experiment file (.json, .ts, .js, .mjs) with the network, in place of what its file contains",
  "by the file",
);
const NAMES: Field = {
  ...text(
    "names",
    "PyTorch: layers by the names of modules, e.g. decoder=layer2,head=none (none: left out)",
    "by shape",
  ),
  kind: "list",
};

const INPUTS: Field = {
  ...text("inputs", "PyTorch: shape of an image, e.g. 28,28 or 3,32,32", "a row of values"),
  kind: "list",
  expects: "[height, width] or [channels, height, width], e.g. 28,28",
};

/** `spikevine import`: a model of another tool as a model file. */
export const importCommand: Command = {
  name: "import",
  summary:
    "writes a model file from a model of another tool: a PyTorch state_dict (.safetensors), or a NIR file (.nir)",
  argument: { name: "FILE", description: "a state_dict of PyTorch as .safetensors, or a NIR file", required: true },
  fields: IMPORT_FIELDS,
  own: [TO, NETWORK, NAMES, INPUTS, ...Object.values(NIR_FLAGS)],
  async run(invocation) {
    const { argument: file = "", own } = invocation;
    const to = (own(TO) as string | null | undefined) ?? `${file.replace(/\.[^./\\]*$/, "")}-model.safetensors`;
    refuseExisting(to);
    const content = await readFileBytes(file, { fix: "check the path" });
    if (isHdf5(content)) {
      refuseOthers("a NIR file", [NETWORK, NAMES, INPUTS], invocation);
      await importNirFile({ file, content, to }, invocation);
      return 0;
    }
    refuseOthers("a state_dict", Object.values(NIR_FLAGS), invocation);
    const network = (own(NETWORK) as string | null | undefined) ?? undefined;
    const names = ((own(NAMES) as unknown[] | null | undefined) ?? []).map(String);
    const inputs = inputShape(own(INPUTS));
    await importStateDictFile({ file, content, to, network, names, inputs }, invocation, IMPORT_FIELDS);
    return 0;
  },
};

/** Refuses flags that say nothing about a kind of file. */
function refuseOthers(kind: string, others: readonly Field[], { own }: Invocation): void {
  const given = others.find((field) => ![undefined, null].includes(own(field) as null | undefined));
  if (given === undefined) return;
  throw new SpikevineError(`import: --${given.flag} is not for ${kind}; leave it out.`);
}

/** Channels, height and width; undefined for a row of values. */
function inputShape(given: unknown): readonly [number, number, number] | undefined {
  if (given === undefined || given === null) return undefined;
  const sizes = given as readonly unknown[];
  const isShape = sizes.every((size) => Number.isInteger(size) && Number(size) >= 1 && Number(size) <= 65536);
  if (isShape && sizes.length === 2) return [1, ...(sizes as [number, number])];
  if (isShape && sizes.length === 3) return sizes as [number, number, number];
  throw new SpikevineError(`import: --inputs is ${sizes.join(",")}; give ${INPUTS.expects}.`);
}
