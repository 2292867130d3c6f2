import { describe, expect, it } from "vitest";
import { defineNeuron } from "#spikevine/src/equations/definitions/neuron";
import { requireUnit, unitOf } from "#spikevine/src/equations/language/check-units";
import { evaluate } from "#spikevine/src/equations/language/expression";
import { parseSyntax } from "#spikevine/src/equations/language/syntax";
import {
  type Dimension,
  describeDimension,
  parseQuantity,
  parseUnit,
  quantity,
} from "#spikevine/src/equations/language/units";
import { SpikevineError } from "#spikevine/src/errors";

const dimension = (unit: string): Dimension =>
  unit === "" ? parseQuantity(1, "test").dimension : parseUnit(unit, "test").dimension;

describe("quantities in internal units", () => {
  it.each<[number | string, string, number]>([
    ["20 ms", "ms", 20],
    ["0.7 ms", "ms", 0.7],
    ["2 s", "ms", 2000],
    ["100 us", "ms", 0.1],
    ["-65 mV", "mV", -65],
    ["0.07 V", "mV", 70],
    ["10 nS", "nS", 10],
    ["200 pF", "pF", 200],
    ["100 MOhm", "GOhm", 0.1],
    ["100 Mohm", "GOhm", 0.1],
    ["1.5 nA", "pA", 1500],
    ["50 Hz", "1/ms", 0.05],
    ["3 mV/ms", "mV/ms", 3],
    [-2.5, "1", -2.5],
    ["0.8", "1", 0.8],
  ])("%s in %s is %d", (given, unit, expected) => {
    expect(parseQuantity(given, "test", unit === "1" ? dimension("") : dimension(unit)).value).toBe(expected);
  });

  it("is coherent: conductance times voltage is a current, resistance times capacitance is a time", () => {
    const q = (text: string) => parseQuantity(text, "test").value;
    expect(q("10 nS") * q("5 mV")).toBeCloseTo(q("50 pA"), 12);
    expect(q("100 MOhm") * q("200 pF")).toBeCloseTo(q("20 ms"), 12);
    expect(q("1 uF") / q("1 ms")).toBeCloseTo(q("1 mS"), 6);
  });

  it.each<[number | string, string, string]>([
    [20, "ms", 'neurons/lif: "tau" is 20 (no unit); give a time, e.g. "20 ms".'],
    ["20", "ms", 'neurons/lif: "tau" is 20 (no unit); give a time, e.g. "20 ms".'],
    ["20 mV", "ms", 'neurons/lif: "tau" is 20 mV (in mV); give a time, e.g. "20 ms".'],
    [5, "mV", 'neurons/lif: "tau" is 5 (no unit); give a voltage, e.g. "-65 mV".'],
    [5, "mV/ms", 'neurons/lif: "tau" is 5 (no unit); give a quantity in mV/ms.'],
    ["20 mx", "ms", 'neurons/lif: "tau" is "20 mx", which is not a quantity; give a time, e.g. "20 ms".'],
    ["ms", "ms", 'neurons/lif: "tau" is "ms", which is not a quantity; give a time, e.g. "20 ms".'],
    ["", "ms", 'neurons/lif: "tau" is "", which is not a quantity; give a time, e.g. "20 ms".'],
    ["constructor", "ms", 'neurons/lif: "tau" is "constructor", which is not a quantity; give a time, e.g. "20 ms".'],
    [Number.NaN, "ms", 'neurons/lif: "tau" is NaN; give a finite number.'],
    ["1e999 ms", "ms", 'neurons/lif: "tau" is 1e999 ms; give a finite number.'],
    ["1e-999 ms", "ms", 'neurons/lif: "tau" is 1e-999 ms, smaller than every number above 0; give 0 or a larger one.'],
  ])("%s where %s is wanted", (given, unit, message) => {
    expect(() => quantity('neurons/lif: "tau"', given, unit)).toThrow(new SpikevineError(message));
  });

  it.each<[string, string, number]>([
    ["micro sign", "10 \u00b5A", 1e7],
    ["Greek mu", "10 \u03bcA", 1e7],
    ["minus sign", "\u221265 mV", -65],
    ["no-break space", "10\u00a0ms", 10],
    ["narrow no-break space", "10\u202fms", 10],
    ["thin space", "10\u2009ms", 10],
    ["Greek omega", "100 M\u03a9", 0.1],
    ["ohm sign", "100 M\u2126", 0.1],
    ["micro and ohm", "5 \u00b5\u03a9", 5e-15],
    ["raised exponent", "50 s\u207b\u00b9", 0.05],
    ["raised exponent of a unit", "1 A\u00b2 A\u207b\u00b9", 1e12],
    ["dot", "10 nS\u00b7mV", 10],
    ["kelvin sign", "300 \u212a", 300],
    ["space around", " 5 ms\n", 5],
  ])("a quantity with a %s", (_, given, expected) => expect(parseQuantity(given, "test").value).toBe(expected));

  it("reads typeset units, defaults and initial values of definitions", () => {
    const neuron = defineNeuron({
      name: "typeset",
      summary: "test",
      source: "test",
      states: { v: { unit: "mV", initial: "\u221265\u00a0mV", summary: "v" } },
      parameters: { tau: { value: "20000\u00a0\u00b5s", unit: "\u03bcs", max: 20_000, summary: "tau" } },
      dynamics: { v: "\u2212v / tau" },
      output: "v",
    });
    expect(neuron.parameters.tau).toMatchObject({ value: 20, unit: "\u03bcs" });
    expect(neuron.with({ parameters: { tau: "5 \u00b5s" } }).parameters.tau!.value).toBe(0.005);
    expect(evaluate(neuron.kernel({ dt: 1 }).initial, {}).v).toBe(-65);
  });

  it.each([
    ["36 degC", "test is 36 degC: a temperature of 309.15 K, or a difference of 36 K; give the intended one in K."],
    ["10 \u00b0C", "a temperature of 283.15 K, or a difference of 10 K"],
    ["10 \u2103", "a temperature of 283.15 K, or a difference of 10 K"],
    ["9 degF", "a difference of 5 K"],
    ["5 celsius", "a difference of 5 K"],
  ])("refuses %s, which may be a temperature or a difference", (given, message) => {
    expect(() => parseQuantity(given, "test")).toThrow(SpikevineError);
    expect(() => parseQuantity(given, "test")).toThrow(message);
  });

  it("accepts differences of temperatures in quotients, and temperatures in K", () => {
    expect(parseQuantity("3 ms/degC", "test").value).toBe(3);
    expect(parseQuantity("36 K", "test").value).toBe(36);
    expect(() => parseUnit("degC", "test: T")).toThrow('test: T: 0 degC is not 0 K; use the unit "K".');
  });

  it("reads a bound in the parameter's own unit", () => {
    const define = (value: string, min: number, max: number) =>
      defineNeuron({
        name: "bounded",
        summary: "test",
        source: "test",
        parameters: { p: { value, min, max, summary: "p" } },
        output: "1",
      });
    for (const [unit, bound] of [
      ["us", 700],
      ["s", 0.07],
      ["mV", 0.3],
      ["V", 0.0003],
    ] as const) {
      expect(define(`${bound} ${unit}`, bound, bound).parameters.p!.unit).toBe(unit);
    }
    expect(() => define("60 K", 0, 50)).toThrow(
      'neurons/bounded: "p" is 60 K; give a value of at least 0 K and of at most 50 K.',
    );
  });

  it("refuses text that is not a unit", () => {
    for (const unit of ["mx", "__proto__", "", "20 ms", "0.5", "20 ms ms2", "x".repeat(10_000)]) {
      expect(() => parseUnit(unit, "neurons/lif: v")).toThrow(SpikevineError);
    }
  });

  it.each(["ms", "mV", "pA", "nS", "GOhm", "pF", "1/ms", "mV/ms", "mV/pF", "mV*mV", "ms*ms"])("writes %s", (unit) => {
    expect(describeDimension(dimension(unit.replace("GOhm", "Gohm")))).toBe(unit);
  });

  it("writes other dimensions in SI", () => {
    expect(describeDimension(dimension("m^3"))).toBe("m^3");
    expect(describeDimension(dimension("mol"))).toBe("mol");
  });
});

describe("units of equations", () => {
  const names = new Map(
    Object.entries({ v: "mV", rest: "mV", tau: "ms", C: "pF", g: "nS", I: "pA", k: "", dt: "ms" }).map(
      ([name, unit]): [string, Dimension] => [name, dimension(unit)],
    ),
  );
  const unit = (text: string) => describeDimension(unitOf(parseSyntax(text, "test"), names, "neurons/lif: in dv/dt"));

  it.each([
    ["(rest - v) / tau", "mV/ms"],
    ["(g * (rest - v) + I) / C", "mV/ms"],
    ["exp((v - rest) / (2 * v))", "no unit"],
    ["v ^ 2 / v", "mV"],
    ["sqrt(v * v)", "mV"],
    ["(v * v) ^ (1 / 2)", "mV"],
    ["v ^ -1 * rest", "no unit"],
    ["v > 0 ? v : 0", "mV"],
    ["max(0, v)", "mV"],
    ["clip(v, 0, rest)", "mV"],
    ["step(v - rest)", "no unit"],
    ["sign(v) * abs(v) + relu(-v)", "mV"],
    ["(v > rest and I > 0) * v", "mV"],
    ["floor(tau / dt)", "no unit"],
    ["0 * v + tau", "ms"],
  ])("%s is in %s", (text, expected) => expect(unit(text)).toBe(expected));

  it.each([
    ["v + tau", 'neurons/lif: in dv/dt the term "tau" is in ms; every term must be in mV.'],
    ["v + 1", 'neurons/lif: in dv/dt the term "1" has no unit; every term must be in mV.'],
    ["v < tau", 'neurons/lif: in dv/dt the term "tau" is in ms; every term must be in mV.'],
    ["v > 0 ? v : I", 'neurons/lif: in dv/dt the term "I" is in pA; every term must be in mV.'],
    [
      "k + (v - rest) / C",
      'neurons/lif: in dv/dt the term "(v - rest) / C" is in mV/pF; every term must be without a unit.',
    ],
    ["exp(v)", 'neurons/lif: in dv/dt "v", the argument of exp, is in mV; divide it by a quantity in that unit.'],
    [
      "2 ^ v",
      'neurons/lif: in dv/dt "v", the argument of an exponent, is in mV; divide it by a quantity in that unit.',
    ],
    ["v ^ k", 'neurons/lif: in dv/dt "v" is in mV; its exponent "k" must be a number.'],
    [
      "v ? 1 : 2",
      'neurons/lif: in dv/dt "v", the argument of a condition, is in mV; divide it by a quantity in that unit.',
    ],
    ["not v", 'neurons/lif: in dv/dt "v", the argument of not, is in mV; divide it by a quantity in that unit.'],
  ])("%s is refused", (text, message) => {
    expect(() => unit(text)).toThrow(new SpikevineError(message));
  });

  it("names the term of a derivative that does not fit", () => {
    const check = (text: string) => () =>
      requireUnit(parseSyntax(text, "test"), dimension("mV/ms"), names, "neurons/lif: in dv/dt");
    expect(check("I / C + (rest - v) / C")).toThrow(
      'neurons/lif: in dv/dt the term "(rest - v) / C" is in mV/pF; every term must be in mV/ms.',
    );
    expect(check("v > rest ? v / tau : v / dt - tau")).toThrow('the term "tau" is in ms; every term must be in mV/ms.');
    expect(check("exp(I) > 1 ? 0 : v / tau")).toThrow('"I", the argument of exp, is in pA');
    expect(check("I / C + (rest - v) / tau")).not.toThrow();
  });
});
