import type { RunIdentity } from "./manifest.js";

/** Fields that say where a run is kept, how it is shown and what shares its work: none of them changes a bit of it. */
const FREE = new Set(["out", "logLevel", "threads", "device", "data.dir", "checkpoint.every", "checkpoint.keep"]);

/**
 * What makes a run another than it was, one line for each: fields of the configuration, data, definitions, device,
 * version. Where the list is empty, training goes on to the same bits.
 */
export function differences(was: RunIdentity, is: RunIdentity): string[] {
  return [
    ...compare("", flatten(was.experiment), flatten(is.experiment)).filter(({ path }) => !FREE.has(path)),
    ...compare("data ", flatten(was.data), flatten(is.data)),
    ...compare("definition of ", flatten(was.definitions), flatten(is.definitions)),
    ...compare(
      "",
      { device: was.device.name, spikevine: was.spikevine },
      { device: is.device.name, spikevine: is.spikevine },
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

/** Leaves by their path; a list counts as one. */
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
