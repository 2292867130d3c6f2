import { SpikevineError } from "../../errors.js";
import { buildNetwork } from "../../experiment/build.js";
import type { Field } from "../../experiment/fields.js";
import { readExperimentFile } from "../../experiment/file.js";
import { withOwnModule } from "../../experiment/own-module.js";
import type { ExperimentInput } from "../../experiment/schema.js";
import { saveWeights } from "../../experiment/weights.js";
import { importStateDict, readStateDict } from "../../formats/state-dict/import-state-dict.js";
import type { Invocation } from "../command-line/command.js";
import { cardOf, writeImportCard } from "./import-card.js";
import { settingsOfFile, sizesOfFile } from "./state-dict-settings.js";

/** What the flags of the command say about a state_dict. */
export interface StateDictFlags {
  readonly file: string;
  readonly content: Uint8Array;
  readonly to: string;
  readonly network: string | undefined;
  /** Channels, height and width of an image. */
  readonly inputs: readonly [number, number, number] | undefined;
  /** `MODULE=LAYER` */
  readonly names: readonly string[];
}

/** Writes the model of a PyTorch state_dict: the network of the flags (or of an experiment file) with the weights of the file. */
export async function importStateDictFile(
  { file, content, to, network: experimentFile, inputs: shape, names: given }: StateDictFlags,
  { experiment, gave, terminal, files }: Invocation,
  networkFields: readonly Field[],
): Promise<void> {
  const names = Object.fromEntries(given.map(nameOf));
  const dict = readStateDict(content, file, names);
  const base: ExperimentInput = experimentFile === undefined ? {} : await readExperimentFile(experimentFile);
  const fieldOf = (name: string): Field => networkFields.find(({ path }) => path === `network.${name}`)!;
  const { network: taken, lines } = settingsOfFile(
    dict,
    (name) => experimentFile !== undefined || gave(fieldOf(name)) || (name === "hidden" && gave(fieldOf("layers"))),
  );
  const settings = await withOwnModule(experiment({ ...base, network: { ...base.network, ...taken } }));
  const { inputs, outputs } = sizesOfFile(dict, shape, file);
  const { unitsPerClass } = settings.network;
  const classes = Math.max(1, Math.floor(outputs / unitsPerClass));
  const network = buildNetwork(settings, inputs, classes);
  const { matched, ignored } = importStateDict(network, content, { name: file, names });
  await saveWeights(to, network, settings, { classes }, files);
  const { encoder, readout, steps, dt } = network;
  terminal.line(`state     ${file}: ${matched.size} tensors`);
  for (const [tensor, array] of matched) terminal.line(`          ${tensor} -> ${array}`);
  if (ignored.length > 0) terminal.line(`left out  ${ignored.join(", ")}`);
  if (lines.length > 0) terminal.line(`from it   ${lines.join("; ")}`);
  const chosen = [`encoder ${encoder.name}`, `${steps} steps of ${dt} ms`, `read-out ${readout.name}`];
  await writeImportCard(to, network, { file, content }, chosen, files);
  terminal.line(`chosen    ${chosen.join("; ")}`);
  terminal.line(`model     ${to}`);
  terminal.line(`card      ${cardOf(to)}`);
}

function nameOf(entry: string): [module: string, layer: string] {
  const at = entry.lastIndexOf("=");
  if (at > 0 && at < entry.length - 1) return [entry.slice(0, at), entry.slice(at + 1)];
  throw new SpikevineError(`import: --names has "${entry}"; give MODULE=LAYER, e.g. decoder=layer2, or MODULE=none.`);
}
