import { expect, it } from "vitest";
import { defineEncoder, defineLoss, defineOptimizer, defineSurrogate } from "#spikevine/src/index";

interface Described {
  readonly summary: string;
  readonly source: string;
  describe(): string;
}
type About = { readonly summary?: string; readonly source?: string };

const DEFINITIONS: readonly [string, (about: About) => Described][] = [
  ["an encoder", (about) => defineEncoder({ name: "mine", spike: "x - u", ...about })],
  ["a surrogate", (about) => defineSurrogate({ name: "mine", derivative: "1", smooth: "z", ...about })],
  ["a loss", (about) => defineLoss({ name: "mine", loss: "y^2", ...about })],
  ["a rule", (about) => defineOptimizer({ name: "mine", parameters: {}, weight: "weight - gradient", ...about })],
];

it.each(DEFINITIONS)("%s needs neither a summary nor a source", (_, define) => {
  const bare = define({});
  expect(bare).toMatchObject({ summary: "", source: "" });
  expect(bare.describe()).toMatch(/^### mine\n\n```\n/);
  expect(bare.describe()).not.toMatch(/Source|undefined/);
  const full = define({ summary: "A test.", source: "a book" });
  expect(full.describe()).toMatch(/^### mine\n\nA test\.\n\n```\n/);
  expect(full.describe()).toMatch(/\n\nSource: a book$/);
});
