import { describe, expect, test } from "vitest";
import { snu } from "#spikevine/neurons/index";
import type { Operation, Plan, SignalSpec } from "#spikevine/src/device/contract";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { drawUniform, rowKey, STREAM } from "#spikevine/src/random/counter";
import { compare } from "../conformance/compare.js";
import { adaptive, constantCurrent, handSnu, latency } from "../conformance/kernels.js";
import { type NetworkSpec, networkCase } from "../conformance/network-case.js";
import { observe } from "../conformance/observe.js";

const values = (width: number, rows: SignalSpec["rows"], role: SignalSpec["role"] = "result"): SignalSpec => ({
  kind: "values",
  width,
  rows,
  role,
});

const plan = (
  tensors: Plan["tensors"],
  steps: number,
  signals: Readonly<Record<string, SignalSpec>>,
  operations: readonly Operation[],
): Plan => ({ tensors, procedures: { only: { batch: 2, steps, signals, operations } } });

describe("literal traces", () => {
  test("an SNU, forward and back through its reset", async () => {
    // l = 0.5, b = -1, input 0.75 at every step:
    // s = 0.75, 1.125 (spike), 0.75, 1.125 (spike)
    const neuron = handSnu();
    const parameters = { b: { tensor: "b" }, l: 0.5 };
    const program = await (await referenceDevice()).compile(
      plan(
        { weights: { rows: 1, columns: 1 }, b: { rows: 1, columns: 1 }, gradient: { rows: 1, columns: 1 } },
        4,
        {
          pixels: values(1, "sample", "input"),
          error: values(1, "sample", "input"),
          input: values(1, "sample"),
          current: values(1, "sample"),
          output: { ...values(1, "steps"), kind: "spikes" },
          s: values(1, "steps"),
          to: values(1, "steps"),
          db: values(1, "sample"),
        },
        [
          { op: "encode", encoder: constantCurrent(), stream: 2, from: "pixels", to: "input" },
          { op: "current", from: "input", weights: "weights", to: "current" },
          { op: "scan", neuron, parameters, current: "current", to: "output", store: { now__s: "s" } },
          {
            op: "adjointScan",
            neuron,
            parameters,
            stored: { now__s: "s" },
            errors: [{ signal: "error", at: "last", of: "output", scale: 1 }],
            to: "to",
            parameterErrors: { b: "db" },
          },
          { op: "weightGradient", from: "input", error: "to", delayed: false, to: "gradient" },
        ],
      ),
    );
    await program.writeTensor("weights", Float32Array.of(1.5));
    await program.writeTensor("b", Float32Array.of(-1));
    const signals = { pixels: Float32Array.of(0.5), error: Float32Array.of(1) };
    await program.run("only", { samples: 1, signals });
    expect([...(await program.readSignal("only", "output"))]).toEqual([0, 1, 0, 1]);
    expect([...(await program.readSignal("only", "s"))]).toEqual([0.75, 1.125, 0.75, 1.125]);

    // t = 3: gz = h'(0.125);  gs = gz.  t = 2, which did not spike: the next step started from s, so
    // gy = -0.75 * 0.5 gs(3), gs = 0.5 gs(3) + gy h'(-0.25).  t = 1 spiked: gy = -1.125 * 0.5 gs(2), gs = gy h'(0.125).
    const h = (z: number) => 1 - Math.tanh(z) ** 2;
    const e3 = h(0.125);
    const z2 = -0.75 * 0.5 * e3 * h(-0.25);
    const e2 = 0.5 * e3 + z2;
    const e1 = -1.125 * 0.5 * e2 * h(0.125);
    const z0 = -0.75 * 0.5 * e1 * h(-0.25);
    const e0 = 0.5 * e1 + z0;
    const to = await program.readSignalDouble("only", "to");
    for (const [t, wanted] of [e0, e1, e2, e3].entries()) expect(to[t]).toBeCloseTo(wanted, 14);
    expect((await program.readSignalDouble("only", "db"))[0]).toBeCloseTo(z0 + e1 + z2 + e3, 14);
    expect((await program.readTensorDouble("gradient"))[0]).toBeCloseTo(0.5 * (e0 + e1 + e2 + e3), 14);
  });

  test("one step of a rule with states, uniforms and a factor", async () => {
    const shape = { rows: 1, columns: 2 };
    const program = await (await referenceDevice()).compile(
      plan({ w: shape, g: shape, m: shape, v: shape, f: shape, i: shape, q: { rows: 1, columns: 1 } }, 1, {}, [
        {
          op: "update",
          rule: adaptive(),
          weight: "w",
          gradient: "g",
          states: { m: "m", v: "v" },
          factor: "f",
          uniforms: { rate: "eta", keep: "beta" },
        },
        { op: "reduce", kind: "absoluteColumns", from: "w", to: "i" },
        { op: "reduce", kind: "squares", from: "w", to: "q" },
      ]),
    );
    await program.writeTensor("g", Float32Array.of(0.5, -0.25));
    await program.writeTensor("f", Float32Array.of(1, 2));
    await program.run("only", { samples: 1, scalars: { eta: 0.1, beta: 0.75 } });
    expect([...(await program.readTensorDouble("m"))]).toEqual([0.125, -0.0625]);
    expect([...(await program.readTensorDouble("v"))]).toEqual([0.5, 0.25]);
    const w0 = -0.1 * Math.tanh(0.125 / (Math.sqrt(0.5) + 0.01));
    const w1 = -0.2 * Math.tanh(-0.0625 / 0.51);
    const weights = await program.readTensorDouble("w");
    expect(weights[0]).toBeCloseTo(w0, 15);
    expect(weights[1]).toBeCloseTo(w1, 15);
    expect((await program.readTensorDouble("i"))[1]).toBeCloseTo(Math.abs(w1), 15);
    expect((await program.readTensorDouble("q"))[0]).toBeCloseTo(w0 ** 2 + w1 ** 2, 15);
  });

  test("encoders see the absolute step", async () => {
    const signals = { pixels: values(3, "sample", "input"), to: { ...values(3, "steps"), kind: "spikes" } } as const;
    const program = await (await referenceDevice()).compile(
      plan({}, 2, signals, [{ op: "encode", encoder: latency(4), stream: 2, from: "pixels", to: "to" }]),
    );
    const run = { samples: 1, signals: { pixels: Float32Array.of(1, 0.5, 0) } };
    await program.run("only", run);
    expect([...(await program.readSignal("only", "to"))]).toEqual([1, 0, 0, 0, 1, 0]);
    await program.run("only", { ...run, firstStep: 2 });
    expect([...(await program.readSignal("only", "to"))]).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test("a mask keeps the units whose draw is below the probability", async () => {
    const program = await (await referenceDevice()).compile(
      plan({}, 1, { mask: values(50, "sample") }, [{ op: "dropoutMask", keep: 0.8, layer: 3, to: "mask" }]),
    );
    await program.run("only", { samples: 2, seed: 9, epoch: 4, sampleIds: Uint32Array.of(70, 71) });
    const mask = await program.readSignalDouble("only", "mask");
    for (let n = 0; n < 50; n++) {
      const kept = drawUniform(rowKey(9, STREAM.dropout, 4, 71, 3), n) < 0.8;
      expect(mask[50 + n]).toBe(kept ? 1.25 : 0);
    }
  });
});

test("the SNU's kernels derived from its equations are those written by hand", async () => {
  const spec = (by: "hand" | "derived"): NetworkSpec => ({
    seed: 4,
    inputs: 9,
    encoder: constantCurrent(),
    layers: [6, 3].map((units) => ({
      units,
      neuron: by === "hand" ? handSnu() : snu({ activation: "identity" }).kernel({ dt: 1 }),
      parameters:
        by === "hand"
          ? { b: [-0.5, "fixed"], l: [0.8, "fixed"] }
          : { threshold: [0.5, "fixed"], decay: [0.8, "fixed"] },
      recurrent: true,
      gain: 2,
    })),
    batch: 3,
    samples: 3,
    steps: 8,
    readout: "sum",
    loss: "mean-squared-error",
    reduction: "mean",
    updates: 2,
    rule: adaptive(),
    scalars: { rate: 0.01, keep: 0.9 },
    visible: false,
  });
  const device = await referenceDevice();
  const hand = await observe(device, networkCase("by hand", spec("hand")));
  const derived = await observe(device, networkCase("derived", spec("derived")));
  expect(compare(hand, derived, { relative: 1e-12, absolute: 1e-14 })).toEqual([]);
  const gradient = hand.arrays.get("tensor l0.weights.gradient")!;
  expect(gradient.some((value) => value !== 0)).toBe(true);
});

describe("reading and writing", () => {
  const make = async (precision: "double" | "single") =>
    (await referenceDevice({ precision })).compile(
      plan({ w: { rows: 1, columns: 1 } }, 1, { x: values(1, "sample", "input"), y: values(1, "sample") }, [
        { op: "current", from: "x", weights: "w", to: "y" },
      ]),
    );

  test("in double precision nothing is rounded, in single everything is", async () => {
    for (const precision of ["double", "single"] as const) {
      const program = await make(precision);
      const rounded = (value: number): number => (precision === "single" ? Math.fround(value) : value);
      await program.writeTensorDouble("w", Float64Array.of(0.1));
      await program.run("only", { samples: 1, signals: { x: Float64Array.of(0.3) } });
      expect((await program.readTensorDouble("w"))[0]).toBe(rounded(0.1));
      expect((await program.readSignalDouble("only", "y"))[0]).toBe(rounded(rounded(0.1) * rounded(0.3)));
      expect(await program.readTensor("w")).toEqual(Float32Array.of(0.1));
    }
  });

  test("signals and tensors that cannot be read or written are refused", async () => {
    const program = await make("double");
    await expect(program.readTensor("v")).rejects.toThrow('no tensor "v"');
    await expect(program.writeTensor("w", new Float32Array(2))).rejects.toThrow("needs 1 numbers, not 2");
    await expect(program.readSignal("only", "x")).rejects.toThrow("only a result or kept signal can be read");
    await expect(program.readSignal("only", "z")).rejects.toThrow('no signal "z"');
    await program.dispose();
    await expect(program.readTensor("w")).rejects.toThrow("disposed");
  });
});
