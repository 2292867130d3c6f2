import { z } from "zod";
import { experimentSchema } from "./schema.js";

/** Leaf of the schema, as the command line and the messages use it. */
export interface Field {
  /** `["training", "learningRate"]`. */
  readonly keys: readonly string[];
  /** `training.learningRate`. */
  readonly path: string;
  /** Name on the command line, without dashes. */
  readonly flag: string;
  /** Heading in the help. */
  readonly group: string;
  readonly kind: "number" | "text" | "quantity" | "switch" | "list";
  readonly choices?: readonly string[];
  readonly default: unknown;
  /** Word for null on the command line. */
  readonly absent?: string;
  readonly description: string;
  /** True if the flag may be given several times; its value is then a list of texts. */
  readonly repeated?: boolean;
  /** Description of valid values that follows "give" in a message: `a whole number of at least 1`. */
  readonly expects: string;
}

/** Subset of JSON Schema that zod generates for an experiment, with the fields that `meta` adds. */
interface Node {
  type?: string | string[];
  title?: string;
  description?: string;
  flag?: string;
  absent?: string;
  expects?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  anyOf?: Node[];
  items?: Node;
  properties?: Record<string, Node>;
}

/** Every field of an experiment, in the order of the schema. */
export const fields: readonly Field[] = collect(z.toJSONSchema(experimentSchema, { io: "input" }) as Node, [], "Run");

function collect(node: Node, keys: readonly string[], group: string): Field[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const path = [...keys, key];
    return child.properties ? collect(child, path, child.title ?? key) : [leaf(child, path, group)];
  });
}

function leaf(node: Node, keys: readonly string[], group: string): Field {
  const path = keys.join(".");
  if (node.flag === undefined) throw new Error(`schema: ${path} has no flag`);
  const alternatives = (node.anyOf ?? [node]).flatMap((option) => option.anyOf ?? [option]);
  const [value = node, other] = alternatives.filter((option) => option.type !== "null");
  const type = [value.type ?? []].flat().find((name) => name !== "null");
  const kinds: Record<string, Field["kind"]> = { string: "text", boolean: "switch", array: "list" };
  return {
    keys,
    path,
    flag: node.flag,
    group,
    kind: other ? "quantity" : (kinds[type ?? ""] ?? "number"),
    ...(value.enum ? { choices: value.enum } : {}),
    default: node.default,
    ...(node.absent === undefined ? {} : { absent: node.absent }),
    description: node.description ?? "",
    expects: node.expects ?? (other ? 'a number or a quantity such as "20 ms"' : expectation(value, type)),
  };
}

function expectation(node: Node, type = node.type): string {
  if (node.enum) return `one of ${node.enum.join(", ")}`;
  if (type === "boolean") return "true or false";
  if (type === "string") return "a text";
  if (type === "array") return `a list, each ${expectation(node.items ?? {})}`;
  const noun = type === "integer" ? "a whole number" : "a number";
  const { minimum, exclusiveMinimum, exclusiveMaximum } = node;
  // zod bounds every whole number by the largest one that a double can hold; messages leave that bound out.
  const maximum = node.maximum === Number.MAX_SAFE_INTEGER ? undefined : node.maximum;
  const lower =
    minimum !== undefined
      ? `of at least ${minimum}`
      : exclusiveMinimum !== undefined
        ? `above ${exclusiveMinimum}`
        : "";
  const upper =
    maximum !== undefined ? `at most ${maximum}` : exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : "";
  return [noun, [lower, upper].filter(Boolean).join(" and ")].filter(Boolean).join(" ");
}
