import fc from "fast-check";

/** One change to a file: positions are fractions of its length, so that they fit any file. */
interface Edit {
  readonly kind: "flip" | "set" | "insert" | "remove" | "repeat" | "cut";
  readonly at: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("flip", "set", "insert", "remove", "repeat", "cut"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat({ max: 40 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
});

function apply(file: Uint8Array, { kind, at, length, bytes }: Edit): Uint8Array {
  const place = Math.min(file.length, Math.floor(at * (file.length + 1)));
  const before = file.subarray(0, place);
  const after = file.subarray(place);
  switch (kind) {
    case "flip":
    case "set": {
      const changed = file.slice();
      bytes.forEach((byte, i) => {
        if (place + i < changed.length)
          changed[place + i] = kind === "set" ? byte : changed[place + i]! ^ (1 << (byte & 7));
      });
      return changed;
    }
    case "insert":
      return Buffer.concat([before, bytes, after]);
    case "remove":
      return Buffer.concat([before, after.subarray(length)]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, length), after]);
    case "cut":
      return before;
  }
}

/** A real file with one to four changes, or now and then random bytes. */
export const mutated = (...real: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .tuple(fc.constantFrom(...real), fc.array(edit, { minLength: 1, maxLength: 4 }))
        .map(([file, edits]) => Uint8Array.from(edits.reduce(apply, file))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );

/** The same for text. */
export const mutatedText = (...real: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    mutated(...real.map((text) => Buffer.from(text))).map((bytes) => Buffer.from(bytes).toString("utf8")),
    fc.string({ unit: "binary", maxLength: 60 }),
  );

/** Keys and texts that have caused harm elsewhere. */
export const HOSTILE: readonly string[] = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__", "valueOf"],
  ...["../../../etc/passwd", "/etc/passwd", "..\\..\\x", "a\0b", "${process.exit(1)}", "`${globalThis.hacked=1}`"],
  ...["');globalThis.hacked=1;//", "*/globalThis.hacked=1/*", "\u2028globalThis.hacked=1", "😀", "x".repeat(5000)],
];

/** JSON values of every kind, with hostile keys and texts and extreme numbers among them. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    ...HOSTILE,
    0,
    -0,
    -1,
    1e308,
    5e-324,
    2 ** 53,
    2 ** 31,
    1.5,
    "20 ms",
    "1e999 ms",
    null,
    true,
    [],
  ),
  fc.dictionary(fc.constantFrom(...HOSTILE), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3, noNullPrototype: true }),
);

/** A JSON value with a hostile value inserted, or with one of its keys removed or renamed. */
export function mutatedJson(real: object): fc.Arbitrary<unknown> {
  const places = pathsOf(real);
  return fc
    .tuple(
      fc.constantFrom(...places),
      hostileJson,
      fc.constantFrom("set", "add", "remove"),
      fc.constantFrom(...HOSTILE),
    )
    .map(([path, value, how, key]) => {
      const copy = structuredClone(real) as Record<string, unknown>;
      let target = copy;
      for (const step of path.slice(0, -1)) target = target[step] as Record<string, unknown>;
      const last = path.at(-1)!;
      if (how === "remove") delete target[last];
      else define(target, how === "set" ? last : key, value);
      return copy;
    });
}

/** As JSON.parse does: also for `__proto__`. */
const define = (target: object, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
};

function pathsOf(value: object, path: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, child]) => [
    [...path, key],
    ...(typeof child === "object" && child !== null ? pathsOf(child as object, [...path, key]) : []),
  ]);
}
