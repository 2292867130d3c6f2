import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";
import * as io from "#spikevine/src/io/index";
import { CASES, type Case, METHODS } from "./cases.js";

const root = new URL("../../", import.meta.url);
const { exports } = JSON.parse(await readFile(new URL("package.json", root), "utf8")) as {
  exports: Record<string, string | { default: string }>;
};
const entries = Object.entries(exports).flatMap(([entry, target]) =>
  typeof target === "string" ? [] : [[entry, target.default] as const],
);
const all = Object.assign({}, ...Object.values(CASES)) as Record<string, Case>;

/** Exported classes of errors, which people catch. */
const ERRORS = ["SpikevineError", "DivergenceError"];

/** A value of a type that no argument has. */
const NOTHING = [null, Symbol("wrong"), 10n];

/** An invalid call: its fault, its arguments, and the name in the message. */
type Wrong = readonly [what: string, args: readonly unknown[], names: RegExp];

const replaced = (args: readonly unknown[], i: number, value: unknown): unknown[] =>
  args.map((arg, k) => (k === i ? value : arg));

function wrongCalls({ args, least, options, required = [], anything = [] }: Case): Wrong[] {
  const calls: Wrong[] = [];
  args.forEach((_, i) => {
    if (anything.includes(i)) return;
    if (i < least) calls.push([`argument ${i} undefined`, replaced(args, i, undefined), /missing|undefined/]);
    for (const value of NOTHING) {
      calls.push([`argument ${i} ${String(value)}`, replaced(args, i, value), /null|Symbol|10/]);
    }
  });
  if (options === undefined) return calls;
  const given = args[options] as Record<string, unknown>;
  for (const key of required) {
    const { [key]: _, ...rest } = given;
    calls.push([`no ${key}`, replaced(args, options, rest), new RegExp(`\\b${key}\\b`)]);
  }
  for (const [key, value] of Object.entries(given)) {
    const { [key]: _, ...rest } = given;
    calls.push([
      `${key}x for ${key}`,
      replaced(args, options, { ...rest, [`${key}x`]: value }),
      new RegExp(`"${key}"`),
    ]);
    calls.push([`a symbol for ${key}`, replaced(args, options, { ...given, [key]: Symbol("wrong") }), new RegExp(key)]);
  }
  calls.push(["an option nobody knows", replaced(args, options, { ...given, qqqqqqqqqqqq: 1 }), /"qqqqqqqqqqqq"/]);
  return calls;
}

async function failureOf(call: Case["call"], args: readonly unknown[]): Promise<unknown> {
  try {
    await call(...(args as never[]));
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("every exported function", () => {
  it.each(entries)("of %s has a case here", async (_, path) => {
    const found = Object.entries((await import(new URL(path, root).href)) as Record<string, unknown>);
    const functions = found.filter(([name, value]) => typeof value === "function" && !ERRORS.includes(name));
    expect(functions.map(([name]) => name).filter((name) => !Object.hasOwn(all, name))).toEqual([]);
  });
});

describe.each([...Object.entries(all), ...Object.entries(METHODS)])("%s", (_, one) => {
  // Calls that need files or servers are made by the tests of those functions.
  if (!one.isDry) {
    it("accepts valid arguments", async () => {
      expect(await failureOf(one.call, one.args)).toBeUndefined();
    });
  }

  it("refuses invalid arguments in one sentence", async () => {
    for (const [what, args, names] of wrongCalls(one)) {
      const error = await failureOf(one.call, args);
      expect(error, what).toBeInstanceOf(SpikevineError);
      const { message } = error as SpikevineError;
      expect(message, what).toMatch(names);
      expect(message, what).toMatch(/^[^\n]+[.?]$/);
      expect(message, what).not.toMatch(/(?<!e\.g)[.?!] [A-Z]/);
    }
  });
});

it.each([
  [() => io.serializeCsv(3 as never), "csv: columns is 3; give an object from names to columns of numbers."],
  [() => io.serializeNpy([1] as never), /^npy: array is \[1\]; give an object with /],
  [() => io.serializeNpz(3 as never), /^npz: arrays is 3; give an object from names to arrays/],
])("an argument that is no object has its own name", (call, message) => {
  expect(call).toThrow(message);
});
