import { existsSync } from "node:fs";
import { SpikevineError } from "../../errors.js";
import type { Field } from "../../experiment/fields.js";
import { saveNir } from "../../formats/nir/save-nir.js";
import { runFolder } from "../../io/run-folder/run-folder.js";
import { loadModel } from "../../model/index.js";
import type { Command } from "../command-line/command.js";
import { isFolder } from "../eval/trained-network.js";
import { flagsOfNir } from "../import/import-nir-file.js";

const field = (flag: string, description: string, absent: string | undefined, expects: string): Field => ({
  keys: [flag],
  path: flag,
  flag,
  group: "Export",
  kind: "text",
  default: absent === undefined ? "nir" : null,
  ...(absent === undefined ? {} : { absent }),
  description,
  expects,
});

const FORMAT: Field = { ...field("format", "format of the file", undefined, "nir"), choices: ["nir"] };
const TO = field(
  "to",
  "file to write; a file of this name must not exist",
  "RUN_OR_MODEL with .nir",
  "a path that ends in .nir",
);

/** `spikevine export`: a trained or imported network as a file that other simulators read. */
export const exportCommand: Command = {
  name: "export",
  summary: "writes a network as a NIR file, which other simulators read",
  argument: { name: "RUN_OR_MODEL", description: "a run folder, or a .safetensors file of a model", required: true },
  fields: [],
  own: [FORMAT, TO],
  async run({ argument = "", own, terminal, files }) {
    const format = own(FORMAT) ?? "nir";
    if (format !== "nir") throw new SpikevineError(`export: --format is "${format}"; give nir.`);
    const isRun = isFolder(argument);
    const model = isRun ? runFolder(argument).weights : argument;
    const base = isRun ? argument.replace(/[/\\]+$/, "") : argument.replace(/\.[^./\\]*$/, "");
    const to = (own(TO) as string | null | undefined) ?? `${base}.nir`;
    if (!to.endsWith(".nir")) throw new SpikevineError(`export: --to is "${to}"; give ${TO.expects}.`);
    if (existsSync(to)) throw new SpikevineError(`export: "${to}" exists already; give another name with --to.`);
    const network = await loadModel(model);
    const options = await saveNir(to, network, files);
    const { encoder, readout } = network;
    terminal.line(`model     ${model}: ${network.layers.length} layers`);
    terminal.line(`not in it encoder ${encoder.name}; read-out ${readout.name}; surrogates`);
    terminal.line(`choices   ${flagsOfNir(options)}`);
    terminal.line(`file      ${to}`);
    return 0;
  },
};
