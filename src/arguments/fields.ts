import { nearestName } from "../nearest-name.js";
import { type Kind, kind, type OptionalKind, type RequiredKind, wrong } from "./kind.js";
import { RENAMED_OPTIONS } from "./renamed-options.js";
import { show, tagOf } from "./show.js";

/** Kinds of an object's fields. The compiler requires one for each field of T, optional if the field is. */
export type Schema<T> = {
  readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K> ? OptionalKind : RequiredKind;
};

interface FieldsOptions<T> {
  /** Name of the argument, if messages name its fields without a path. */
  readonly root?: string;
  /** Fields that require another field, with the reason. */
  readonly needs?: { readonly [K in keyof T]?: readonly [field: keyof T & string, reason: string] };
  /** Fields that exclude another field, with the reason. */
  readonly excludes?: { readonly [K in keyof T]?: readonly [field: keyof T & string, reason: string] };
}

/** An object with exactly these fields. */
export function fields<T>(schema: Schema<T>, { root, needs = {}, excludes = {} }: FieldsOptions<T> = {}): RequiredKind {
  const kinds = new Map<string, Kind>(Object.entries(schema));
  const known = [...kinds.keys()];
  const expects = known.length === 0 ? "nothing, or an object without fields" : `an object with ${known.join(", ")}`;
  return {
    expects,
    optional: false,
    ...(root === undefined ? {} : { root }),
    claims: isRecord,
    fault(value, path) {
      if (!isRecord(value)) return wrong(path || (root ?? "options"), value, expects);
      const unknown = Object.keys(value).find((key) => !kinds.has(key));
      if (unknown !== undefined) return noField(path, unknown, known, root);
      for (const [field, kindOf] of kinds) {
        const fault = kindOf.fault(fieldOf(value, field), join(path, field));
        if (fault !== undefined) return fault;
      }
      for (const [field, [other, reason]] of Object.entries(needs) as [string, readonly [string, string]][]) {
        if (value[field] !== undefined && value[other] === undefined) {
          return `${join(path, field)} needs ${reason}; give ${join(path, other)} too.`;
        }
      }
      for (const [field, [other, reason]] of Object.entries(excludes) as [string, readonly [string, string]][]) {
        if (value[field] !== undefined && value[other] !== undefined) {
          return `${join(path, field)} cannot be combined with ${join(path, other)}, ${reason}; leave one of them out.`;
        }
      }
      return undefined;
    },
  };
}

/** An object in one of several forms, each identified by a field that no other form has. */
export function variants(
  forms: Readonly<Record<string, RequiredKind & { readonly fields: readonly string[] }>>,
  root?: string,
): RequiredKind {
  const names = Object.keys(forms);
  const known = [...new Set(Object.values(forms).flatMap((form) => form.fields))];
  const expects = Object.values(forms)
    .map((form) => form.expects)
    .join(" or ");
  return {
    expects,
    optional: false,
    ...(root === undefined ? {} : { root }),
    claims: isRecord,
    fault(value, path) {
      if (!isRecord(value)) return wrong(path || (root ?? "options"), value, expects);
      const unknown = Object.keys(value).find((key) => !known.includes(key));
      if (unknown !== undefined) return noField(path, unknown, known, root);
      const given = names.filter((name) => value[name] !== undefined);
      const subject = path === "" ? (root ?? "options") : path;
      if (given.length === 0) return `${subject} has none of ${names.join(", ")}; give ${expects}.`;
      if (given.length > 1) return `${subject} has both ${given[0]} and ${given[1]}; give one of them.`;
      return forms[given[0]!]!.fault(value, path);
    },
  };
}

/** A form of `variants`. */
export const form = <T>(schema: Schema<T>): RequiredKind & { readonly fields: readonly string[] } => {
  const known = Object.entries<Kind>(schema as Readonly<Record<string, Kind>>);
  const shown = known.map(([name, one]) => (one.optional ? `${name}?` : name)).join(", ");
  return { ...fields(schema), expects: `{ ${shown} }`, fields: known.map(([name]) => name) };
};

/** An object whose field `tag` selects its form. */
export function tagged(tag: string, forms: Readonly<Record<string, RequiredKind>>, expects: string): RequiredKind {
  const names = Object.keys(forms);
  return {
    expects,
    optional: false,
    claims: isRecord,
    fault(value, path) {
      if (!isRecord(value)) return wrong(path, value, expects);
      const name = value[tag];
      if (typeof name === "string" && names.includes(name)) return forms[name]!.fault(value, path);
      const near = typeof name === "string" ? nearestName(name, names) : undefined;
      const fix = near === undefined ? `give ${expects}.` : `did you mean ${JSON.stringify(near)}?`;
      return `${join(path, tag)} is ${name === undefined ? "missing" : show(name)}; ${fix}`;
    },
  };
}

/** An object from names to values of one kind. */
export const named = (of: Kind, expects = `an object from names to ${of.expects}`): RequiredKind => ({
  expects,
  optional: false,
  claims: isRecord,
  fault(value, path) {
    if (!isRecord(value)) return wrong(path, value, expects);
    for (const [name, item] of Object.entries(value)) {
      const fault = of.fault(item, join(path, name));
      if (fault !== undefined) return fault;
    }
    return undefined;
  },
});

/** A Map from texts to values of one kind. */
export const mapOf = (of: Kind, expects: string): RequiredKind => ({
  expects,
  optional: false,
  fault(value, path) {
    if (tagOf(value) !== "Map") return wrong(path, value, expects);
    for (const [name, item] of value as ReadonlyMap<unknown, unknown>) {
      if (typeof name !== "string") return `${path} has the key ${show(name)}; give texts as keys.`;
      const fault = of.fault(item, `${path} "${name}"`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  },
});

/** An own field of an object; inherited ones do not count, since a parameter may be called `constructor`. */
const fieldOf = (value: Readonly<Record<string, unknown>>, field: string): unknown =>
  Object.hasOwn(value, field) || !(field in Object.prototype) ? value[field] : undefined;

/** True for an object of fields, of any class; false for built-in kinds such as Map, list and promise. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && ["Object", "Module"].includes(tagOf(value));

const join = (path: string, field: string): string => (path === "" ? field : `${path}.${field}`);

/** Noun for a field in messages, by the name of its argument. */
const NOUNS: Readonly<Record<string, string>> = { options: "option", parameters: "parameter" };

function noField(path: string, unknown: string, known: readonly string[], root = "options"): string {
  const renamed = RENAMED_OPTIONS.get(unknown);
  const near = nearestName(unknown, known);
  const subject = path === "" ? `unknown ${NOUNS[root] ?? "field"}` : `${path} has no field`;
  if (renamed !== undefined && known.includes(renamed))
    return `${subject} "${unknown}"; it is called "${renamed}" now.`;
  const fix =
    near !== undefined ? `did you mean "${near}"?` : known.length === 0 ? "leave it out." : `give ${known.join(", ")}.`;
  return `${subject} "${unknown}"; ${fix}`;
}

/** Any value that is an object of fields. */
export const record = (expects: string): RequiredKind => kind(expects, isRecord);
