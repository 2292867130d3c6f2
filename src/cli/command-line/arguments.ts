import { parseArgs } from "node:util";
import { SpikevineError } from "../../errors.js";
import { fields as everyField, type Field } from "../../experiment/fields.js";
import { expectation, type MessageStyle, parseExperiment } from "../../experiment/parse.js";
import { RENAMED_FIELDS } from "../../experiment/renamed-fields.js";
import type { Experiment, ExperimentInput } from "../../experiment/schema.js";
import { nearestName } from "../../nearest-name.js";
import { UsageError } from "./usage-error.js";

const flagStyle: MessageStyle = {
  name: (field) => `--${field.flag}`,
  absent: (field) => `"${field.absent ?? "null"}"`,
  renameFix: "rename it",
};

export interface Arguments {
  readonly positionals: readonly string[];
  readonly help: boolean;
  /** Values of the flags that were given. */
  readonly values: ReadonlyMap<Field, unknown>;
}

/**
 * Reads the arguments of a command that takes the given fields.
 * @throws UsageError for an unknown flag (with the nearest known one) or a flag without its value.
 */
export function readArguments(args: readonly string[], fields: readonly Field[]): Arguments {
  const byFlag = new Map(fields.map((field) => [field.flag, field]));
  const options = Object.fromEntries(
    fields.map((field) => [field.flag, { type: field.kind === "switch" ? ("boolean" as const) : ("string" as const) }]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: "boolean", short: "h" } },
    // Not strict: the messages of parseArgs suggest neither the nearest flag nor a valid value.
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const values = new Map<Field, unknown>();
  let help = false;
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const field = byFlag.get(token.name);
    if (field !== undefined) {
      const value = flagValue(field, token.rawName, token.value, token.inlineValue);
      values.set(field, field.repeated ? [...((values.get(field) as unknown[]) ?? []), value] : value);
    } else if (token.name === "help") help = true;
    else throw unknownFlag(token.rawName, fields);
  }
  return { positionals, help, values };
}

/** Overrides fields of an experiment by flags and checks the result. Messages name the flags. */
export function applyFlags(base: ExperimentInput, values: ReadonlyMap<Field, unknown>): Experiment {
  const merged = structuredClone(base) as Record<string, unknown>;
  for (const [field, value] of values) {
    let target = merged;
    for (const key of field.keys.slice(0, -1)) {
      target[key] ??= {};
      target = target[key] as Record<string, unknown>;
    }
    target[field.keys.at(-1)!] = value;
  }
  const flagOf = new Map([...values.keys()].map((field) => [field.path, field.flag]));
  try {
    return parseExperiment(merged, "", {
      ...flagStyle,
      name: (field) => `--${flagOf.get(field.path) ?? field.flag}`,
    });
  } catch (error) {
    if (error instanceof SpikevineError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function flagValue(field: Field, rawName: string, text: string | undefined, inline: boolean | undefined): unknown {
  if (field.kind === "switch") return switchValue(rawName, text);
  if (text === undefined || (!inline && text.startsWith("--"))) {
    throw new UsageError(`${rawName} has no value; give ${expectation(field, flagStyle)}.`);
  }
  if (field.kind === "list" && text !== field.absent) return text === "none" ? [] : text.split(",").map(numberOrText);
  return plainValue(field, text);
}

/** Value of a field that is neither a list nor a switch. */
function plainValue(field: Field, text: string): unknown {
  if (text === field.absent) return null;
  return field.kind === "text" ? text : numberOrText(text);
}

/**
 * Values that a sweep gives to a field: `0.1,0.3`, `off,local`, `true,false`. In values of a list, "+" joins the numbers, as in
 * `256,256+256`.
 */
export function sweptValues(field: Field, text: string): unknown[] {
  return text.split(",").map((part) => {
    if (field.kind === "switch") return switchValue(part, part);
    if (field.kind === "list") return part === "none" ? [] : part.split("+").map(numberOrText);
    return plainValue(field, part);
  });
}

function switchValue(rawName: string, text: string | undefined): unknown {
  if (rawName.startsWith("--no-")) return false;
  if (text === undefined || text === "true") return true;
  return text === "false" ? false : text;
}

/** Leaves text that is not a number as it is; the schema refuses it and names the field. */
function numberOrText(text: string): number | string {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

function unknownFlag(rawName: string, fields: readonly Field[]): UsageError {
  const no = rawName.startsWith("--no-") ? "--no-" : "--";
  const renamed = RENAMED_FIELDS.find(({ flag }) => rawName === `${no}${flag}`);
  if (renamed !== undefined && fields.some(({ flag }) => flag === renamed.newFlag)) {
    return new UsageError(`flag "${rawName}" is called "${no}${renamed.newFlag}" now; give that.`);
  }
  const given = rawName.replace(/^-+/, "");
  // A command may call a field of an experiment otherwise than a training does.
  const sought = everyField.find(({ flag }) => flag === given);
  const here = fields.find(({ path }) => path === sought?.path);
  if (here !== undefined) return new UsageError(`flag "${rawName}" is called "--${here.flag}" here; give that.`);
  const names = [...fields.map((field) => field.flag), "help"];
  const near = names.find((name) => name.startsWith(`${given}-`)) ?? nearestName(given, names);
  return new UsageError(
    `unknown flag "${rawName}": ${near === undefined ? "see --help." : `did you mean "--${near}"?`}`,
  );
}
