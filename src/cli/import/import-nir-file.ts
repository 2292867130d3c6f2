import { sizeOf } from "../../../networks/graph.js";
import { quantity } from "../../equations/language/units.js";
import { SpikevineError } from "../../errors.js";
import { type Field, fields } from "../../experiment/fields.js";
import { withOwnModule } from "../../experiment/own-module.js";
import { saveImported } from "../../experiment/weights.js";
import { loadNir } from "../../formats/nir/load-nir.js";
import type { NirChoices } from "../../formats/nir/save-nir.js";
import type { Invocation } from "../command-line/command.js";
import { cardOf, writeImportCard } from "./import-card.js";

const field = (flag: string, description: string, choices?: readonly string[]): Field => ({
  keys: [flag],
  path: flag,
  flag,
  group: "NIR",
  kind: "text",
  default: null,
  absent: "by the preset",
  ...(choices === undefined ? {} : { choices }),
  description,
  expects: choices === undefined ? "a text" : `one of ${choices.join(", ")}`,
});

/** Flags by the options of `loadNir`. */
export const NIR_FLAGS = {
  preset: field("preset", "simulator whose choices are taken, see docs/nir.md"),
  scheme: field("scheme", "step of potentials and currents: euler or exact"),
  reset: field("nir-reset", "after a spike: file (to v_reset) or subtract"),
  resetTime: field("reset-time", '"same step", "next step" or crossing'),
  arrival: field("arrival", 'step in which input reaches a neuron: "same step" or "next step"'),
  current: field("current", "synaptic current that a membrane reads: old or new"),
  firing: field("firing", "potential at which a neuron fires: above its threshold, or at it too"),
  gain: field("input-gain", "factor of the input: file (its r) or none"),
  timeUnit: { ...field("time-unit", "unit of the times in the file"), absent: "1 s" },
} as const satisfies Record<string, Field>;

/** The flags of `spikevine import` for the choices that a NIR file leaves open. */
export function flagsOfNir({ dt, steps, ...choices }: NirChoices): string {
  const given = Object.entries(choices).map(([option, value]) => [
    NIR_FLAGS[option as keyof NirChoices & keyof typeof NIR_FLAGS].flag,
    value,
  ]);
  const all = [[DT.flag, quantity("dt", dt, "ms")], [STEPS.flag, steps], ...given] as const;
  return all.map(([flag, value]) => `--${flag} ${/\s/.test(`${value}`) ? `"${value}"` : value}`).join(" ");
}

/** Fields of an experiment that a NIR file does not contain. */
const [STEPS, DT] = ["network.steps", "network.dt"].map((path) => fields.find((one) => one.path === path)!) as [
  Field,
  Field,
];

/** Writes the model of a NIR file, with the choices that flags name. */
export async function importNirFile(
  { file, content, to }: { readonly file: string; readonly content: Uint8Array; readonly to: string },
  { experiment, gave, own, terminal, files }: Invocation,
): Promise<void> {
  const missing = [STEPS, DT].filter((one) => !gave(one)).map(({ flag }) => `--${flag}`);
  if (missing.length > 0) {
    throw new SpikevineError(
      `import: NIR files do not contain ${missing.join(" and ")}; give it, e.g. --dt 1 --steps 100.`,
    );
  }
  const settings = await withOwnModule(experiment({ encoder: { name: "direct" } }));
  const { steps, dt } = settings.network;
  const given = Object.entries(NIR_FLAGS).map(([option, flag]) => [option, own(flag)] as const);
  const options = Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null));
  const network = await loadNir(content, { ...options, dt: `${dt} ms`, steps, name: file });
  await saveImported(to, network, settings, { classes: network.outputs }, files);
  terminal.line(
    `graph     ${file}: ${network.layers.length} layers, ${network.inputs} inputs, ${network.outputs} outputs`,
  );
  for (const node of network.nodes) {
    if (node.kind === "neurons") terminal.line(`          ${node.name}: ${sizeOf(node.shape)} ${node.neuron.summary}`);
  }
  const chosen = [
    `encoder ${network.encoder.name}`,
    `${steps} steps of ${dt} ms`,
    `read-out ${network.readout.name}`,
    ...Object.entries(options).map(([option, value]) => `${option} ${value}`),
  ];
  await writeImportCard(to, network, { file, content }, chosen, files);
  terminal.line(`chosen    ${chosen.slice(0, 3).join("; ")}`);
  terminal.line(`model     ${to}`);
  terminal.line(`card      ${cardOf(to)}`);
}
