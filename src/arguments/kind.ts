import { nearestName } from "../nearest-name.js";
import { show, tagOf } from "./show.js";

/**
 * Kinds of arguments of public functions, as data. A function states the kinds of its arguments once, and one checker
 * (`signature`) refuses everything else. A check reads a value's type and own fields. It copies nothing, calls no method of the
 * value and does not read the elements of typed arrays.
 */
export interface Kind {
  /** Completes "give ...". */
  readonly expects: string;
  /** True if `undefined` selects a default. */
  readonly optional: boolean;
  /** The first fault, as a sentence that begins with the path; undefined if the value fits. */
  fault(value: unknown, path: string): string | undefined;
  /** True if a value is meant to be of this kind, although it may have a fault; for the messages of alternatives. */
  claims?(value: unknown): boolean;
  /** Name of an argument whose fields messages name without a path: `options`, `spec`. */
  readonly root?: string;
}

export interface RequiredKind extends Kind {
  readonly optional: false;
}

export interface OptionalKind extends Kind {
  readonly optional: true;
}

export const wrong = (path: string, value: unknown, expects: string): string =>
  `${path} is ${value === undefined ? "missing" : show(value)}; give ${expects}.`;

/** Kind defined by a test of a value. */
export const kind = (expects: string, fits: (value: unknown) => boolean): RequiredKind => ({
  expects,
  optional: false,
  fault: (value, path) => (fits(value) ? undefined : wrong(path, value, expects)),
});

/** The same kind, but the value may be left out. */
export const optional = (of: RequiredKind): OptionalKind => ({
  ...of,
  optional: true,
  fault: (value, path) => (value === undefined ? undefined : of.fault(value, path)),
});

/** One of several kinds. */
export function either(...kinds: readonly RequiredKind[]): RequiredKind {
  const expects = kinds.map((one) => one.expects).join(" or ");
  return {
    expects,
    optional: false,
    claims: (value) => kinds.some((one) => one.claims?.(value) === true),
    fault(value, path) {
      const faults = kinds.map((one) => one.fault(value, path));
      if (faults.includes(undefined)) return undefined;
      const claimed = kinds.findIndex((one) => one.claims?.(value) === true);
      return claimed < 0 ? wrong(path, value, expects) : faults[claimed];
    },
  };
}

export const text = (expects = "a text"): RequiredKind => kind(expects, (value) => typeof value === "string");

export const flag: RequiredKind = kind("true or false", (value) => typeof value === "boolean");

export const callback = (expects = "a function"): RequiredKind => kind(expects, (value) => typeof value === "function");

/** A finite number within inclusive (`least`, `most`) or exclusive (`above`, `below`) bounds. */
export interface Bounds {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

const within = (value: unknown, { least, above, most, below }: Bounds): boolean =>
  typeof value === "number" &&
  Number.isFinite(value) &&
  !(least !== undefined && value < least) &&
  !(above !== undefined && value <= above) &&
  !(most !== undefined && value > most) &&
  !(below !== undefined && value >= below);

function boundsText({ least, above, most, below }: Bounds): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const low = least === undefined ? (above === undefined ? "" : `above ${above}`) : `of at least ${least}`;
  const high = most === undefined ? (below === undefined ? "" : `below ${below}`) : `of at most ${most}`;
  return [low, high]
    .filter(Boolean)
    .map((bound, i) => `${i === 0 ? " " : " and "}${bound}`)
    .join("");
}

export const number = (bounds: Bounds = {}, expects = `a number${boundsText(bounds)}`): RequiredKind =>
  kind(expects, (value) => within(value, bounds));

export function whole(least?: number, most?: number, expects?: string): RequiredKind {
  const bounds = { ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) };
  const wanted = expects ?? `a whole number${boundsText(bounds)}`;
  return kind(wanted, (value) => Number.isInteger(value) && within(value, bounds));
}

/** A plain number, or text with a unit; the function that reads it checks unit and range. */
export const quantity: RequiredKind = kind(
  'a number or a quantity such as "20 ms"',
  (value) => typeof value === "number" || typeof value === "string",
);

/** One of the given names. */
export function choice(names: readonly string[]): RequiredKind {
  const expects = names.map((name) => JSON.stringify(name)).join(" or ");
  return {
    expects,
    optional: false,
    fault(value, path) {
      if (names.includes(value as string)) return undefined;
      const near = typeof value === "string" ? nearestName(value, names) : undefined;
      return near === undefined
        ? wrong(path, value, expects)
        : `${path} is ${show(value)}; did you mean ${JSON.stringify(near)}?`;
    },
  };
}

/** An object made by this library (or one with the same methods), identified by members that only such an object has. */
export const made = (expects: string, ...members: readonly string[]): RequiredKind =>
  kind(expects, (value) => typeof value === "object" && value !== null && members.every((member) => member in value));

const TYPED = new Set(
  ["Float64", "Float32", "Float16", "Int32", "Uint32", "Int16", "Uint16", "Int8", "Uint8", "Uint8Clamped"].map(
    (type) => `${type}Array`,
  ),
);

/** True if a value is a typed array of one of the given types; BigInt arrays and DataViews do not hold numbers. */
export const isTyped = (value: unknown, types: ReadonlySet<string> = TYPED): boolean =>
  ArrayBuffer.isView(value) && types.has(tagOf(value));

/**
 * A typed array of one of some types. The error shows how to convert a list of numbers.
 * @param expects its words, e.g. "a Uint16Array of columns"
 * @param types names of the types; a list is converted to the first one
 */
export function typedArray(expects: string, types: readonly string[]): RequiredKind {
  const known: ReadonlySet<string> = new Set(types);
  return {
    expects,
    optional: false,
    claims: isListOfNumbers,
    fault(value, path) {
      if (isTyped(value, known)) return undefined;
      const isConvertible = isTyped(value) || isListOfNumbers(value);
      return wrong(path, value, isConvertible ? `${expects}, e.g. ${types[0]}.from(${path})` : expects);
    },
  };
}

const isListOfNumbers = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");

/** A sequence of numbers. */
export const numbers: RequiredKind = kind(
  "numbers, as a typed array or a list",
  (value) => isTyped(value) || (Array.isArray(value) && value.every((item) => typeof item === "number")),
);

/** A list of one kind. */
export const list = (of: Kind, least = 0): RequiredKind => {
  const expects = `a list${least > 0 ? ` of at least ${least}` : ""}, each ${of.expects}`;
  return {
    expects,
    optional: false,
    claims: Array.isArray,
    fault(value, path) {
      if (!Array.isArray(value)) return wrong(path, value, expects);
      if (value.length < least)
        return `${path} is empty; give at least ${least === 1 ? "one" : least}, each ${of.expects}.`;
      // A list may be long, so the path of an item is only formatted for the invalid one.
      const bad = value.findIndex((item) => of.fault(item, path) !== undefined);
      return bad < 0 ? undefined : of.fault(value[bad], `${path}[${bad}]`);
    },
  };
};

/** A list with one kind per position. */
export const tuple = (...kinds: readonly Kind[]): RequiredKind => {
  const expects = `[${kinds.map((one) => one.expects).join(", ")}]`;
  return {
    expects,
    optional: false,
    claims: Array.isArray,
    fault(value, path) {
      if (!Array.isArray(value) || value.length !== kinds.length) return wrong(path, value, expects);
      return kinds.map((one, i) => one.fault(value[i], `${path}[${i}]`)).find((fault) => fault !== undefined);
    },
  };
};

export const signal: RequiredKind = made("an AbortSignal", "aborted", "addEventListener");

/** Bytes of a file or of values, e.g. a Node Buffer. */
export const bytes: RequiredKind = kind("a Uint8Array", (value) =>
  isTyped(value, new Set(["Uint8Array", "Uint8ClampedArray"])),
);

export const filePath: RequiredKind = kind("a path as text", (value) => typeof value === "string" && value !== "");
