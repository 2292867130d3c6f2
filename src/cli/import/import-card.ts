import { existsSync } from "node:fs";
import { basename } from "node:path";
import { neuronsOf, sizeOf } from "../../../networks/graph.js";
import type { Network } from "../../../networks/index.js";
import { SpikevineError } from "../../errors.js";
import { writeAtomically } from "../../io/atomic-file.js";
import type { FileSystem } from "../../io/file-system.js";
import { sha256 } from "../../io/sha256.js";
import { version } from "../../version.js";

/** The card of a model file: its name with `.md`. */
export const cardOf = (model: string): string => `${model.replace(/\.safetensors$/, "")}.md`;

/** @throws SpikevineError if the model or its card exists */
export function refuseExisting(model: string): void {
  const taken = [model, cardOf(model)].find((path) => existsSync(path));
  if (taken !== undefined) {
    throw new SpikevineError(`import: "${taken}" exists already; give another name with --to.`);
  }
}

/**
 * Writes the model card of an imported network in Markdown: its source, and everything that was chosen for it.
 * @param source file of the other tool
 * @param chosen lines about choices that the source does not contain
 * Source: M. Mitchell et al., "Model cards for model reporting", FAT* 2019.
 */
export async function writeImportCard(
  model: string,
  network: Network,
  source: { readonly file: string; readonly content: Uint8Array },
  chosen: readonly string[],
  files: FileSystem,
): Promise<void> {
  const layers = neuronsOf(network).map(
    ({ name, shape, neuron }) => `| ${name} | ${sizeOf(shape)} | ${neuron.name} | ${neuron.summary} |`,
  );
  const text = [
    `# ${basename(model)}`,
    "",
    `A spiking neural network, imported from \`${basename(source.file)}\` (SHA-256 ${sha256(source.content)}) with Spikevine ${version()}.`,
    "",
    "## Network",
    "",
    `${network.inputs} inputs, ${network.outputs} outputs.`,
    "",
    "| layer | units | neuron | equations and choices |",
    "|---|---|---|---|",
    ...layers,
    "",
    "## Chosen, since the file does not contain it",
    "",
    ...chosen.map((line) => `- ${line}`),
    "",
    "## Results",
    "",
    "None: the import tests nothing. The training data are those of the source.",
    "",
    "```sh",
    `spikevine eval ${basename(model)} --data DATA`,
    "```",
    "",
  ].join("\n");
  await writeAtomically(cardOf(model), text, files);
}
