import type { Field } from "../../experiment/fields.js";
import type { Command } from "./command.js";

const INDENT = 30;

/** `spikevine --help`. */
export function overview(commands: readonly Command[], width: number): string {
  const lines = commands.map((command) => entry(command.name, command.summary, width));
  return [
    ...wrapped("spikevine: spiking neural networks, exact gradients, plasticity rules from neuroscience", width),
    "",
    "Usage: spikevine COMMAND [flags]",
    "",
    ...lines,
    "",
    entry("COMMAND --help", "the flags of a command", width),
    entry("-h, --help", "the commands", width),
    entry("-V, --version", "the version", width),
    "",
  ].join("\n");
}

/** `spikevine COMMAND --help`: the flags under the headings of the schema, each with its default. */
export function commandHelp(command: Command, width: number): string {
  const { argument } = command;
  const shown = argument && (argument.required ? argument.name : `[${argument.name}]`);
  const lines = [
    ...wrapped(`spikevine ${command.name}: ${command.summary}`, width),
    "",
    `Usage: spikevine ${command.name} ${shown ? `${shown} ` : ""}[flags]`,
  ];
  if (argument) lines.push("", entry(argument.name, argument.description, width));
  const fields = [...(command.own ?? []), ...command.fields];
  for (const group of new Set(fields.map((field) => field.group))) {
    lines.push("", group);
    for (const field of fields) if (field.group === group) lines.push(flagEntry(field, width));
  }
  return [...lines, ""].join("\n");
}

function flagEntry(field: Field, width: number): string {
  const placeholder = {
    number: " N",
    text: field.choices ? " NAME" : " TEXT",
    quantity: " QUANTITY",
    list: " N,N,...",
    switch: "",
  }[field.kind];
  const choices = field.choices ? ` (${field.choices.join(", ")})` : "";
  const times = field.repeated ? " ..." : "";
  return entry(`--${field.flag}${placeholder}${times}`, `${field.description}${choices} [${defaultOf(field)}]`, width);
}

function defaultOf(field: Field): string {
  if (field.default === null) return field.absent ?? "none";
  if (field.kind === "switch") return field.default === true ? "on" : "off";
  if (Array.isArray(field.default) && field.default.length === 0) return "none";
  return String(field.default);
}

/** A term, and its text wrapped in a column beside it. */
function entry(term: string, text: string, width: number): string {
  const lines = wrapped(text, Math.max(30, width - INDENT));
  const head = `  ${term}`;
  const first =
    head.length < INDENT - 1 ? head.padEnd(INDENT) + lines[0]! : `${head}\n${" ".repeat(INDENT)}${lines[0]!}`;
  return [first, ...lines.slice(1).map((rest) => " ".repeat(INDENT) + rest)].join("\n");
}

/** Lines of at most `width` columns, broken between words. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
