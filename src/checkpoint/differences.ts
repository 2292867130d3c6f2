import { bitsOf } from "../device/index.js";
import type { RunIdentity } from "./manifest.js";

/**
 * Fields for the folder of a run, its display, the distribution of its work, and the place of its data, whose values are compared.
 * None of them changes its results.
 */
const FREE = new Set([
  "out",
  "logLevel",
  "threads",
  "device",
  "data.name",
  "data.dir",
  "checkpoint.every",
  "checkpoint.keep",
]);

/**
 * Differences between a run and its checkpoint, one line each: fields of the configuration, data, definitions, device
 * (two that give the same bits count as one), version. If the list is empty, the resumed training is bit-identical.
 */
export function differences(was: RunIdentity, is: RunIdentity): string[] {
  return [
    ...compare("", flatten(was.experiment), flatten(is.experiment)).filter(({ path }) => !FREE.has(path)),
    ...compare("data ", flatten(was.data), flatten(is.data)),
    ...compare("definition of ", flatten(was.definitions), flatten(is.definitions)),
    ...compare(
      "",
      { device: bitsOf(was.device.name), spikevine: was.spikevine },
      { device: bitsOf(is.device.name), spikevine: is.spikevine },
    ),
  ].map(({ text }) => text);
}

interface Difference {
  readonly path: string;
  readonly text: string;
}

function compare(what: string, was: Flat, is: Flat): Difference[] {
  const paths = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return paths
    .filter((path) => was[path] !== is[path])
    .map((path) => ({ path, text: `${what}${path} was ${show(was[path])} and is ${show(is[path])}` }));
}

type Flat = Readonly<Record<string, unknown>>;

/** Leaves by their path; a list counts as one leaf. */
function flatten(value: unknown, path = ""): Flat {
  if (typeof value !== "object" || value === null) return { [path]: value };
  if (Array.isArray(value)) return { [path]: JSON.stringify(value) };
  return Object.assign(
    Object.create(null) as object,
    ...Object.entries(value).map(([key, child]) => flatten(child, path === "" ? key : `${path}.${key}`)),
  ) as Flat;
}

const show = (value: unknown): string => {
  if (value === undefined) return "absent";
  const text = String(value);
  return /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 8)}...` : text;
};
