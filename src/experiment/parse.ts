import type { z } from "zod";
import { datasetNames } from "../data/index.js";
import { SpikevineError } from "../errors.js";
import { nearestName, unknownName } from "../nearest-name.js";
import { buildLoss } from "./build-loss.js";
import { isPath } from "./data-name.js";
import { type Field, fields } from "./fields.js";
import { RENAMED_FIELDS } from "./renamed-fields.js";
import { type Experiment, experimentSchema } from "./schema.js";

/** Style in which messages name fields: by path and null for a file, by flag and a word for the command line. */
export interface MessageStyle {
  name(field: Field): string;
  absent(field: Field): string;
  /** Advice for a field with an old name. */
  readonly renameFix: string;
}

const fileStyle: MessageStyle = { name: (field) => field.path, absent: () => "null", renameFix: "rename it" };

/** The style of experiments that a program has stored beside what it computed, with a checksum: nobody edits those. */
export const storedStyle: MessageStyle = {
  ...fileStyle,
  renameFix: "train again, or use the version of Spikevine that wrote it",
};

/**
 * Checks an experiment and fills in the defaults.
 * @param where prefix of the messages, e.g. a file name; may be empty.
 * @throws SpikevineError naming the first invalid field, its value and the fix.
 */
export function parseExperiment(input: unknown, where = "experiment", style: MessageStyle = fileStyle): Experiment {
  const result = experimentSchema.safeParse(input);
  if (result.success) return crossCheck(result.data, where, style);
  // A misspelled key is often the cause of the other issues.
  const { issues } = result.error;
  throw sentence(issues.find((issue) => issue.code === "unrecognized_keys") ?? issues[0]!, input, where, style);
}

function sentence(issue: z.core.$ZodIssue, input: unknown, where: string, style: MessageStyle): SpikevineError {
  const keys = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const path = [...keys, key].join(".");
    const renamed = RENAMED_FIELDS.find(({ from }) => from === path);
    if (renamed !== undefined) {
      return new SpikevineError(`${prefix(where)}field "${path}" is called "${renamed.to}" now; ${style.renameFix}.`);
    }
    const siblings = knownKeys(keys);
    // A field in the wrong section is as common as a misspelled one.
    const elsewhere = fields.find((field) => field.keys.at(-1) === key);
    const near = nearestName(key, siblings);
    const hint = elsewhere ? elsewhere.path : near && [...keys, near].join(".");
    const fix = hint ? `did you mean "${hint}"?` : `known there: ${siblings.join(", ")}.`;
    return new SpikevineError(`${prefix(where)}unknown field "${path}": ${fix}`);
  }
  const field = fields.find((candidate) => candidate.keys.every((key, i) => keys[i] === key));
  if (field === undefined) {
    const name = keys.length === 0 ? where : prefix(where) + keys.join(".");
    return new SpikevineError(
      `${name} is ${show(at(input, keys))}; give an object with the fields ${knownKeys(keys).join(", ")}.`,
    );
  }
  return wrongValue(field, at(input, field.keys), where, style);
}

function wrongValue(field: Field, value: unknown, where: string, style: MessageStyle): SpikevineError {
  if (field.choices && typeof value === "string") {
    const error = unknownName(
      field.keys.at(-1) === "name" ? field.flag : (field.keys.at(-1) ?? ""),
      value,
      field.choices,
    );
    return new SpikevineError(`${prefix(where)}${style.name(field)}: ${error.message}`);
  }
  return new SpikevineError(
    `${prefix(where)}${style.name(field)} is ${show(value)}; give ${expectation(field, style)}.`,
  );
}

/** Description of a field's valid values that follows "give" in a message. */
export function expectation(field: Field, style: MessageStyle): string {
  return field.absent === undefined ? field.expects : `${field.expects}, or ${style.absent(field)}`;
}

/** Checks across several fields. */
function crossCheck(experiment: Experiment, where: string, style: MessageStyle): Experiment {
  const { data, training } = experiment;
  const called = (path: string): string => style.name(fields.find((field) => field.path === path)!);
  if (!datasetNames.includes(data.name) && !isPath(data.name)) {
    const { message } = unknownName("data", data.name, datasetNames);
    throw new SpikevineError(`${prefix(where)}${called("data.name")}: ${message} Write a path as "./${data.name}".`);
  }
  checkDataFields(experiment, where, called);
  if (training.loss !== null) checkLoss(training.loss, where);
  const choosing = [
    ...(training.patience === null ? [] : [`${called("training.patience")} is ${training.patience}`]),
    ...(training.keepBest ? [`${called("training.keepBest")} is on`] : []),
  ];
  if (choosing[0] !== undefined && data.validation === 0) {
    throw new SpikevineError(
      `${prefix(where)}${choosing[0]}, but no validation samples are held out; give ${called("data.validation")} too, e.g. 1000.`,
    );
  }
  return experiment;
}

/** Fields that describe files of one's own. */
const FILE_FIELDS = ["images", "labels", "shape", "scale", "testData", "testLabels", "testShare"] as const;

/** @throws SpikevineError if fields of files are given for a data set that has a form of its own, or the test samples twice */
function checkDataFields({ data }: Experiment, where: string, called: (path: string) => string): void {
  const given = FILE_FIELDS.filter((name) => data[name] !== null);
  if (given[0] !== undefined && !isPath(data.name)) {
    const what = `${called(`data.${given[0]}`)} is given, but "${data.name}" is a known data set`;
    throw new SpikevineError(`${prefix(where)}${what}; leave it out, or give ${called("data.name")} a path.`);
  }
  if (data.testLabels !== null && data.testData === null) {
    const what = `${called("data.testLabels")} is given without ${called("data.testData")}`;
    throw new SpikevineError(`${prefix(where)}${what}; leave it out, or give both.`);
  }
  if (data.testData !== null && data.testShare !== null) {
    const both = `${called("data.testData")} and ${called("data.testShare")}`;
    throw new SpikevineError(`${prefix(where)}both ${both} are given; leave one of them out.`);
  }
}

const prefix = (where: string): string => (where === "" ? "" : `${where}: `);

/** Keys that the object at a path may have. */
function knownKeys(keys: readonly string[]): string[] {
  const below = fields.filter((field) => keys.every((key, i) => field.keys[i] === key));
  return [...new Set(below.map((field) => field.keys[keys.length]!))];
}

function at(input: unknown, keys: readonly string[]): unknown {
  let value = input;
  for (const key of keys) value = value instanceof Object ? (value as Record<string, unknown>)[key] : undefined;
  return value;
}

function show(value: unknown): string {
  const text =
    typeof value === "number" || value === undefined ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** @throws SpikevineError naming the file, if there is one, and the fault of the loss */
function checkLoss(text: string, where: string): void {
  try {
    buildLoss(text);
  } catch (error) {
    if (error instanceof SpikevineError) throw new SpikevineError(`${prefix(where)}${error.message}`);
    throw error;
  }
}
