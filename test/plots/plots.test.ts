import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SpikevineError } from "#spikevine/src/errors";
import { learningCurves, membraneTraces, neuronResponse, rasterFromArray } from "#spikevine/src/plots/index";
import { expectGoodSvg } from "./good-svg.js";

const epochs = [1, 2, 3];

it("has a dark color for each light one that is drawn, in a style sheet", () => {
  const svg = learningCurves({ curves: [{ name: "one", epochs, loss: [1, 2, 3], accuracy: [0, 0.5, 1] }] });
  const [, rules] = /<style>@media \(prefers-color-scheme: dark\)\{(.*)\}<\/style>/.exec(svg)!;
  for (const [, attribute, color] of svg.matchAll(/ (fill|stroke)="(#[0-9a-f]{6})"/g)) {
    expect(rules).toMatch(new RegExp(`\\[${attribute}="${color}"\\]\\{${attribute}:#[0-9a-f]{6}\\}`));
  }
});

describe("learning curves", () => {
  it("draw loss and accuracy with their last values in the legend", () => {
    const svg = learningCurves({
      title: "SNU & <GRAPES>",
      curves: [
        { name: "train", epochs, loss: [1, 0.5, 0.25], accuracy: [0.8, 0.9, 0.95], dashed: true },
        { name: "test", epochs, loss: [1, 0.6, 0.4], accuracy: [0.8, 0.85, 0.9731] },
      ],
    });
    expectGoodSvg(svg);
    expect(svg).toContain("SNU &amp; &lt;GRAPES&gt;");
    expect(svg).toContain("test 97.31 %");
    expect(svg).toContain("train 0.250");
    expect(svg).toContain('aria-label="SNU &amp; &lt;GRAPES&gt;. Loss and accuracy over epochs.');
    // Epochs 1, 2, 3 at the left, middle and right of the first panel; loss 0.25 near the bottom.
    expect(svg).toMatch(/d="M52,\d+(\.\d)?L227,\d+(\.\d)?L402,\d+(\.\d)?" fill="none" stroke="#0072b2"/);
    expect(svg.match(/stroke-dasharray="5 4"/g)).toHaveLength(2);
  });

  it("draw a value at its position on the axis", () => {
    const svg = learningCurves({ curves: [{ name: "a", epochs: [0, 10], loss: [0, 10], accuracy: [0, 1] }] });
    const tick = /<text x="45" y="([\d.]+)" text-anchor="end"[^>]*>10</.exec(svg)!;
    const end = /L402,([\d.]+)"/.exec(svg)!;
    expect(Number(end[1])).toBeCloseTo(Number(tick[1]) - 4, 0);
  });

  it("show one epoch, many epochs, gaps and nothing at all", () => {
    const many = Array.from({ length: 200 }, (_, i) => i + 1);
    expectGoodSvg(learningCurves({ curves: [{ name: "one", epochs: [1], loss: [0.3], accuracy: [0.9] }] }));
    const long = learningCurves({ curves: [{ name: "long", epochs: many, accuracy: many.map((e) => 1 - 1 / e) }] });
    expectGoodSvg(long);
    expect(long).toContain("no values yet");
    expect(long).not.toContain("<circle");
    const gaps = learningCurves({
      curves: [{ name: "gap", epochs, loss: [1, Number.NaN, 3], accuracy: [null, 0.5, 1] }],
    });
    expectGoodSvg(gaps);
    expectGoodSvg(learningCurves({ curves: [] }));
  });

  it("keep many names apart", () => {
    const curves = ["SGD", "SGD + GRAPES", "uniform control", "Adam", "Bio-Adam"].flatMap((name) => [
      { name: `${name} train`, epochs, loss: [3, 2, 1], accuracy: [0.1, 0.2, 0.3], dashed: true },
      { name: `${name} test`, epochs, loss: [3, 2, 1], accuracy: [0.1, 0.2, 0.3] },
    ]);
    expectGoodSvg(learningCurves({ curves }));
  });
});

describe("spike rasters", () => {
  it("draw each spike once, all of a layer in one path", () => {
    const spikes = Uint8Array.of(1, 0, 0, 0, 1, 1);
    const svg = rasterFromArray({ steps: 2, layers: [{ name: "input", units: 3, spikes }] });
    expectGoodSvg(svg);
    expect(svg).toMatch(/d="M0 0h[\d.]+M1 1h[\d.]+M1 2h[\d.]+"/);
    expect(svg).toContain("3 units, 3 spikes, 50.0 % of the steps");
  });

  it("put unit 0 lowest, step 0 first, each mark beside its number", () => {
    const svg = rasterFromArray({ steps: 4, layers: [{ name: "out", units: 10, spikes: new Uint8Array(40).fill(1) }] });
    const [, left, bottom, perStep, perUnit] = /translate\(([\d.]+) ([\d.]+)\) scale\(([\d.]+) -([\d.]+)\)/
      .exec(svg)!
      .map(Number) as number[];
    const labelY = (unit: number) => Number(new RegExp(`<text x="57" y="([\\d.]+)"[^>]*>${unit}<`).exec(svg)![1]) - 4;
    for (const unit of [0, 5, 9]) expect(bottom! - unit * perUnit!).toBeCloseTo(labelY(unit), 0);
    const markWidth = Number(/h([\d.]+)M/.exec(svg)![1]);
    const stepX = Number(/<text x="([\d.]+)" y="\d+" text-anchor="middle"[^>]*>2</.exec(svg)![1]);
    expect(left! + (2 + markWidth / 2) * perStep!).toBeCloseTo(stepX, 0);
  });

  it("stay small and readable with thousands of spikes and several layers", () => {
    const layer = (name: string, units: number) => ({
      name,
      units,
      spikes: Uint8Array.from({ length: units * 300 }, (_, i) => (i % 10 === 0 ? 1 : 0)),
    });
    const layers = [layer("input", 784), layer("hidden 1", 256), layer("hidden 2", 256), layer("output", 10)];
    const svg = rasterFromArray({ steps: 300, stepMs: 1, layers });
    expectGoodSvg(svg);
    expect(svg.length).toBeLessThan(600_000);
    expect(svg).toContain("784 units, 23,520 spikes, 100.0 Hz on average");
    expect(svg).toContain("time (ms)");
    expect(svg.match(/transform="rotate\(-90 [^>]*>unit</g)).toHaveLength(4);
  });

  it("draw silent layers, single units and no layers", () => {
    const silent = { name: "silent", units: 1, spikes: new Uint8Array(5) };
    expectGoodSvg(rasterFromArray({ steps: 5, layers: [silent, silent] }));
    expectGoodSvg(rasterFromArray({ steps: 0, layers: [{ name: "none", units: 0, spikes: [] }] }));
    expectGoodSvg(rasterFromArray({ steps: 5, layers: [] }));
  });

  it("refuse a layer of the wrong size", () => {
    const wrong = () => rasterFromArray({ steps: 5, layers: [{ name: "h", units: 2, spikes: new Uint8Array(9) }] });
    expect(wrong).toThrow(SpikevineError);
    expect(wrong).toThrow('rasterFromArray: layer "h" has 9 values for 5 steps of 2 units');
  });
});

describe("traces and responses", () => {
  const values = Array.from({ length: 50 }, (_, t) => -70 + (t % 10));
  const spikes = Array.from({ length: 50 }, (_, t) => (t % 10 === 9 ? 1 : 0));

  it("draw the potential, its threshold and its spikes", () => {
    const traces = [
      { name: "unit 3", values, spikes, threshold: -60 },
      { name: "unit 4", values },
    ];
    const svg = membraneTraces({ unit: "mV", stepMs: 0.5, traces });
    expectGoodSvg(svg);
    expect(svg).toContain("threshold");
    expect(svg).toContain("(mV)");
    expect(svg.match(/M[\d.]+ 57v8/g)).toHaveLength(5);
  });

  it("draw input, states and output of a neuron, spiking or graded", () => {
    const input = { name: "input current", unit: "nA", values: values.map((_, t) => (t > 10 ? 1 : 0)) };
    const states = [{ name: "membrane potential", unit: "mV", values, threshold: -60 }];
    const spiking = neuronResponse({ title: "lif", input, states, output: { name: "spikes", values: spikes } });
    expectGoodSvg(spiking);
    expect(spiking.match(/v-36/g)).toHaveLength(5);
    const graded = neuronResponse({ title: "ssnu", input, states, output: { name: "output", values, graded: true } });
    expectGoodSvg(graded);
  });

  it("bear values that cannot be drawn", () => {
    const bad = [Number.NaN, Infinity, -Infinity, 1.7e308, -1.7e308];
    expectGoodSvg(membraneTraces({ traces: [{ name: "bad", values: bad, threshold: Number.NaN }] }));
    expectGoodSvg(membraneTraces({ traces: [{ name: "part", values: [...bad, 1, 2], threshold: 1 }] }));
    expectGoodSvg(membraneTraces({ traces: [{ name: "none", values: [] }] }));
  });

  it("fuzz: any numbers and names give a well-formed picture", () => {
    const name = fc.string({ unit: "binary", maxLength: 20 });
    const numbers = fc.array(fc.oneof(fc.double(), fc.integer({ min: -5, max: 5 })), { maxLength: 20 });
    fc.assert(
      fc.property(name, numbers, fc.double(), numbers, (title, values, threshold, accuracy) => {
        const curve = { name: title, epochs: values.map((_, i) => i), loss: values, accuracy };
        const spikes = values.map((value) => (value > 0 ? 1 : 0));
        for (const svg of [
          learningCurves({ title, curves: [curve, curve] }),
          membraneTraces({ title, traces: [{ name: title, values, threshold, spikes }] }),
          rasterFromArray({ title, steps: values.length, layers: [{ name: title, units: 1, spikes }] }),
        ]) {
          expect(svg).not.toMatch(/NaN|Infinity|undefined/);
          expect(svg.split("<svg").length).toBe(2);
        }
      }),
      { numRuns: 300 },
    );
  });
});
