import { defineNeuron, type NeuronSpec } from "spikevine/neurons";
import { describe, expect, test } from "vitest";
import { mathOf } from "../../studio/src/controls/math.js";
import { lineOf, locate } from "../../studio/src/definitions/locate.js";
import { readText, TextProblem } from "../../studio/src/definitions/read-text.js";
import { PRESETS } from "../../studio/src/neuron/presets.js";
import { parseCsv, parseMetrics } from "../../studio/src/runs/parse.js";
import { readGradient, SYNAPSE_DEFAULTS, writeGradient } from "../../studio/src/synapse/settings.js";

describe("the text of a definition", () => {
  test("is read as JavaScript reads it", () => {
    const texts = [
      ...Object.values(PRESETS),
      "{ a: [1, -2.5e3, .5], 'b c': { d: true, }, // comment\n e: \"f\" /* g */ }",
    ];
    for (const text of texts) expect(readText(text).value).toEqual(new Function(`return (${text});`)());
  });

  test.each([
    ["{ a: }", 5, "Expected a value"],
    ["{ a: b }", 5, '"b" is a name without quotes'],
    ["{ a: 1 b: 2 }", 7, "Expected , or }"],
    ['{ a: "x\n" }', 5, "no closing quote"],
    ["{ a: 1, a: 2 }", 8, "twice"],
    ["{ __proto__: {} }", 2, "cannot be a name"],
    ["{ a: 1 } x", 9, "the end of the definition"],
    ["{ a: alert(1) }", 5, "without quotes"],
    [`${"[".repeat(1000)}`, 21, "at most 20 levels"],
  ])("%j is refused at %d", (text, from, message) => {
    try {
      readText(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(TextProblem);
      expect((error as TextProblem).message).toContain(message);
      expect((error as TextProblem).place.from).toBe(from);
    }
  });
});

describe("the place of a mistake", () => {
  test.each([
    ["leak * slope * exp", "leak * slop * exp", "slop"],
    ["- w + I)", "- w + v)", "v"],
    ["- w) / tauW", "- w / tauW", '"'],
    ['"144 ms"', '"144 mss"', "mss"],
    ['w: "w + b * y"', 'w: "w + bb * y"', "bb"],
    ['spike: "(v - peak)', 'spike: "(v - peek)', "peek"],
    ["reset: {", "rest: {", "rest"],
  ])("%j written as %j", (right, wrong, marked) => {
    const text = PRESETS.adex.replace(right, wrong);
    const read = readText(text);
    try {
      defineNeuron(read.value as unknown as NeuronSpec);
      expect.unreachable();
    } catch (error) {
      const place = locate((error as Error).message, text, read)!;
      const found = text.slice(place.from, place.to);
      const line = text.split("\n")[lineOf(text, place).line - 1]!;
      expect(line).toContain(wrong.slice(0, 8));
      if (marked !== '"') expect(found).toBe(marked);
    }
  });
});

test("equations are typeset, and texts of other forms are not", () => {
  expect(mathOf("dv/dt = (rest - v) / tau_m")).toBe(
    '<math display="inline"><mfrac><mrow><mi>d</mi><mi>v</mi></mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac><mo>=</mo><mfrac><mrow><mi>rest</mi><mo>−</mo><mi>v</mi></mrow><mrow><msub><mi>τ</mi><mpadded voffset="-0.16em"><mi>m</mi></mpadded></msub></mrow></mfrac></math>',
  );
  for (const text of ["a ? b : c", "(a", "a +", "<img src=x>", "(".repeat(10_000), ""])
    expect(mathOf(text)).toBeUndefined();
});

test("metrics without their last line's end, and tables with quotes, are read", () => {
  const metrics = parseMetrics('{"kind":"epoch","epoch":1,"loss":null,"accuracy":0.5}\nnot JSON\n{"kind":"ep');
  expect(metrics.epochs).toEqual([{ epoch: 1, loss: null, accuracy: 0.5, testLoss: null, testAccuracy: null }]);
  expect(metrics.test).toBeUndefined();
  expect(parseCsv('a,"b ""c"", d"\n1,\n"x\ny",3\n')).toEqual({
    heading: ["a", 'b "c", d'],
    rows: [
      ["1", ""],
      ["x\ny", "3"],
    ],
  });
});

test("a gradient in a link is that which was drawn, to a thirtieth", () => {
  const drawn = readGradient(SYNAPSE_DEFAULTS.gradient);
  expect(drawn[10]).toBeCloseTo(0.6, 1);
  expect(readGradient(writeGradient(drawn))).toEqual(drawn);
  for (const text of ["", "A", "é".repeat(60)]) expect(readGradient(text)).toEqual(new Array(60).fill(0));
});
