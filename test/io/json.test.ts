import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "#spikevine/src/io/formats/json";

const parse = (text: string): unknown => parseJson(text, (problem) => new Error(`it ${problem}`));

describe("JSON from external files", () => {
  it("is read like JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("may start with a byte-order mark", () => {
    expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  it.each([
    ["a key twice", '{"a":1,"a":2}', 'has the key "a" twice'],
    ["a key twice further in", '{"b":[{"x":{"a":1,"c":0,"a":2}}]}', 'has the key "a" twice'],
    ["a key twice, once with an escape", '{"a":1,"\\u0061":2}', 'has the key "a" twice'],
    ["100,000 nested lists", "[".repeat(1e5) + "]".repeat(1e5), "is nested deeper than 100 levels"],
    ["objects without an end", '{"a":'.repeat(1e5), "is nested deeper than 100 levels"],
    ["a string without an end", '{"a', "is not JSON"],
    ["nothing", "", "is not JSON"],
    ["a trailing comma", '{"a":1,}', "is not JSON"],
  ])("is refused with %s", (_, text, problem) => {
    expect(() => parse(text)).toThrow(`it ${problem}`);
  });

  it("may have one key in two objects, brackets in strings, and 100 levels", () => {
    expect(parse('[{"a":1},{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(parse(JSON.stringify("[{".repeat(1000)))).toBe("[{".repeat(1000));
    expect(() => parse("[".repeat(100) + "]".repeat(100))).not.toThrow();
  });
});
