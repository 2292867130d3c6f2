import { beforeAll, describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { dense, lastState, network, spikeCount, spikeRate } from "#spikevine/networks/index";
import { li, relu, snu } from "#spikevine/neurons/index";
import { adam, grapes, type Modulation, type Optimizer, sgd, weightDecay } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { cosineDecay, evaluate, linearWarmup, record, stepDecay, train } from "#spikevine/src/training/index";
import { stripes } from "./stripes.js";

type Reference = Awaited<ReturnType<typeof referenceDevice>>;
let device: Reference;
beforeAll(async () => {
  device = await referenceDevice({ precision: "single" });
});

const spiking = (seed = 1, steps = 10) =>
  network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps,
    layers: [dense(16, snu()), dense(3, snu())],
    readout: spikeRate(),
    seed,
  });

const base = (optimizer: Optimizer) => ({ data: stripes(60), epochs: 4, batchSize: 8, optimizer, device });

describe("train", () => {
  it("learns, with every kind of transform before the optimizer", async () => {
    for (const rule of [
      sgd({ learningRate: 1 }),
      [grapes(), sgd({ learningRate: 0.5 })],
      [grapes({ version: "local" }), sgd({ learningRate: 0.5 })],
      [weightDecay(1e-4), grapes({ control: "uniform" }), adam({ learningRate: 0.02 })],
    ] as Optimizer[]) {
      const net = spiking();
      const result = await train(net, { ...base(rule), epochs: 8, validation: stripes(30) });
      expect(result.stopped).toBe("finished");
      expect(result.updates).toBe(8 * 8);
      expect(result.epochs.at(-1)!.loss).toBeLessThan(result.epochs[0]!.loss);
      expect(result.best!.validation!.accuracy).toBeGreaterThan(0.9);
    }
  });

  it("gives the same numbers for the same seed, and others for another", async () => {
    const run = async (seed: number) => {
      const net = spiking(seed);
      const { epochs } = await train(net, base(sgd({ learningRate: 0.5 })));
      return { losses: epochs.map((e) => e.loss), weights: [...net.parameters.get("layer1.weights")!.data] };
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect((await run(2)).losses).not.toEqual(first.losses);
  });

  it("trains ordinary units with dropout on a static input, and leaky read-outs", async () => {
    const ordinary = network({
      inputs: 12,
      encoder: constantCurrent(),
      steps: 1,
      layers: [dense(24, relu(), { bias: true, dropout: 0.1 }), dense(3, relu(), { bias: true })],
      readout: spikeCount(),
    });
    expect(
      (await train(ordinary, { ...base(sgd({ learningRate: 0.3 })), epochs: 10 })).final!.accuracy,
    ).toBeGreaterThan(0.9);
    const leaky = network({
      inputs: 12,
      encoder: rate({ maxRate: 1 }),
      steps: 8,
      layers: [dense(16, snu(), { recurrent: true }), dense(3, li())],
      readout: lastState("v"),
    });
    expect((await train(leaky, { ...base(adam({ learningRate: 0.02 })), epochs: 8 })).final!.accuracy).toBeGreaterThan(
      0.9,
    );
  });

  it("modulates hidden layers only, and reports the factors", async () => {
    const { final } = await train(spiking(), { ...base([grapes(), sgd({ learningRate: 0.1 })]), epochs: 1 });
    expect(Object.keys(final!.modulation!)).toEqual(["layer1"]);
    expect(final!.modulation!.layer1!.mean).toBeGreaterThan(1);
    expect(final!.modulation!.layer1!.mean).toBeLessThanOrEqual(2);
  });

  it("doubles the step of a hidden unit whose factor is 2 (propagating), not that of the output", async () => {
    // One hidden unit is always the most important one: its factor is 2.
    const make = () =>
      network({
        inputs: 12,
        encoder: rate({ maxRate: 1 }),
        steps: 10,
        layers: [
          dense(1, snu({ threshold: 0.2 }), { trainable: { threshold: "fixed" } }),
          dense(3, snu({ threshold: 0.2 })),
        ],
        seed: 5,
      });
    const [before, plain, modulated] = [make(), make(), make()];
    for (const net of [before, plain, modulated])
      for (const p of net.parameters.values())
        p.data.forEach((w, i) => {
          p.data[i] = Math.abs(w);
        });
    const one = { data: stripes(8), epochs: 1, batchSize: 8, device };
    await train(plain, { ...one, optimizer: sgd({ learningRate: 0.1 }) });
    await train(modulated, { ...one, optimizer: [grapes(), sgd({ learningRate: 0.1 })] });
    const step = (net: typeof before, name: string) =>
      net.parameters.get(name)!.data.map((w, i) => w - before.parameters.get(name)!.data[i]!);
    const hidden = step(plain, "layer1.weights");
    expect(hidden.some((d) => d !== 0)).toBe(true);
    step(modulated, "layer1.weights").forEach((d, i) => {
      expect(d).toBeCloseTo(2 * hidden[i]!, 5);
    });
    step(modulated, "layer2.weights").forEach((d, i) => {
      expect(d).toBeCloseTo(step(plain, "layer2.weights")[i]!, 6);
    });
  });

  it("clips the global norm of the gradient", async () => {
    const distance = async (clip?: number) => {
      const [start, net] = [spiking(), spiking()];
      await train(net, {
        ...base(sgd({ learningRate: 1 })),
        data: stripes(8),
        epochs: 1,
        ...(clip === undefined ? {} : { maxGradNorm: clip }),
      });
      let sum = 0;
      for (const [name, { data }] of net.parameters) {
        data.forEach((w, i) => {
          sum += (w - start.parameters.get(name)!.data[i]!) ** 2;
        });
      }
      return Math.sqrt(sum);
    };
    const free = await distance();
    expect(free).toBeGreaterThan(0.01);
    expect(await distance(0.01)).toBeCloseTo(0.01, 4);
    expect(await distance(1e6)).toBeCloseTo(free, 5);
  });

  it("stops early on request, and between batches", async () => {
    const early = await train(spiking(), {
      ...base(sgd({ learningRate: 0 })),
      epochs: 10,
      validation: stripes(9),
      patience: 2,
    });
    expect(early.stopped).toBe("early");
    expect(early.epochs).toHaveLength(3);
    const controller = new AbortController();
    const aborted = await train(spiking(), {
      ...base(sgd()),
      signal: controller.signal,
      onBatch: ({ batch }) => {
        if (batch === 2) controller.abort();
      },
    });
    expect(aborted.stopped).toBe("aborted");
    expect(aborted.updates).toBe(2);
  });

  it("draws new spikes every epoch, unless resampling is off", async () => {
    const accuracies = async (resampleEachEpoch?: boolean) => {
      const options = {
        ...base(sgd({ learningRate: 0 })),
        ...(resampleEachEpoch === undefined ? {} : { resampleEachEpoch }),
      };
      return new Set((await train(spiking(), options)).epochs.map(({ loss }) => loss.toFixed(9)));
    };
    expect((await accuracies()).size).toBeGreaterThan(1);
    expect((await accuracies(false)).size).toBe(1);
  });

  it("keeps a trained parameter inside its range", async () => {
    const net = network({
      inputs: 12,
      encoder: rate(),
      steps: 6,
      layers: [dense(8, snu(), { trainable: { decay: "unit" } }), dense(3, snu(), { trainable: { decay: "layer" } })],
    });
    await train(net, { ...base(sgd({ learningRate: 20 })), onZeroGradient: "continue" });
    for (const name of ["layer1.decay", "layer2.decay"]) {
      for (const decay of net.parameters.get(name)!.data) {
        expect(decay).toBeGreaterThanOrEqual(0);
        expect(decay).toBeLessThanOrEqual(1);
      }
    }
    expect(net.parameters.get("layer2.decay")!.data).toHaveLength(1);
  });
});

describe("bad input", () => {
  it("a pixel that is not finite names its sample", async () => {
    const data = stripes(16);
    (data.images as Float32Array)[5 * 12 + 3] = Number.NaN;
    await expect(train(spiking(), { ...base(sgd()), data })).rejects.toThrow(/sample 5, pixel 3 is NaN/);
  });

  it("weights that overflow stop training; the error names the layer, and the last good weights are kept", async () => {
    const net = spiking();
    const before = [...net.parameters.get("layer2.weights")!.data];
    const run = train(net, { ...base(sgd({ learningRate: 1e38 })), epochs: 3 });
    await expect(run).rejects.toThrow(/layer\d.*epoch \d.*batch \d.*learning rate/s);
    expect([...net.parameters.get("layer2.weights")!.data]).toEqual(before);
  });

  it("hidden weights that a modulation makes overflow stop training in the same batch", async () => {
    const layers = [dense(16, snu(), { trainable: { threshold: "fixed" } }), dense(3, snu())];
    const net = network({ inputs: 12, encoder: rate({ maxRate: 1 }), steps: 10, layers });
    const before = [...net.parameters.get("layer1.weights")!.data];
    // Factors that do not depend on importance.
    const huge: Modulation = { ...grapes(), name: "huge", factors: (importance) => importance.map(() => 3e38) };
    const run = train(net, { ...base([huge, sgd({ learningRate: 1e4 })]), epochs: 3 });
    await expect(run).rejects.toThrow("train: layer1.weights is not finite at epoch 1, batch 1;");
    expect([...net.parameters.get("layer1.weights")!.data]).toEqual(before);
  });

  it("options out of range are named before any work", async () => {
    const rejects = async (options: object, message: RegExp) =>
      expect(train(spiking(), { ...base(sgd()), ...options })).rejects.toThrow(message);
    await rejects({ epochs: 0 }, /epochs is 0/);
    await rejects({ batchSize: 0 }, /batchSize is 0/);
    await rejects({ batchSize: 1.5 }, /batchSize is 1.5/);
    await rejects({ truncationSteps: 0 }, /truncationSteps is 0/);
    await rejects({ maxGradNorm: -1 }, /maxGradNorm is -1/);
    await rejects({ patience: 1 }, /patience needs a validation set/);
    await rejects({ loss: "cross-entropi" }, /did you mean "cross-entropy"/);
    await rejects({ device: "simdd" }, /unknown device "simdd": did you mean "simd"/);
    await rejects({ device: "auto", threads: 0 }, /threads is 0/);
    await rejects({ device, threads: 2 }, /threads is 2, and device is open already; give threads to openDevice/);
    const wide = dataset({ images: new Float32Array(26), labels: [0, 1] });
    await rejects({ data: wide }, /13 values per sample.*12 inputs/);
    const many = dataset({ images: new Float32Array(48), labels: [0, 1, 2, 3] });
    await rejects({ data: many }, /4 classes.*3 outputs/);
  });
});

describe("evaluate and record", () => {
  it("a long presentation in several runs equals the recording of one run", async () => {
    const net = spiking(3);
    const data = stripes(6);
    const steps = 96;
    const { accuracy, samples } = await evaluate(net, data, { steps, batchSize: 4, device });
    expect(samples).toBe(6);
    const { readout } = await record(net, data.images as Float32Array, { steps, device });
    let correct = 0;
    for (let s = 0; s < 6; s++) {
      const said = [...readout.subarray(3 * s, 3 * s + 3)];
      if (said.indexOf(Math.max(...said)) === data.labels[s]) correct++;
    }
    expect(accuracy).toBe(correct / 6);
  });

  it("does not depend on the batch size", async () => {
    const net = spiking(4);
    const results = [];
    for (const batch of [1, 7, 60]) results.push(await evaluate(net, stripes(60), { batchSize: batch, device }));
    for (const result of results) {
      expect(result.accuracy).toBe(results[0]!.accuracy);
      expect(result.loss).toBeCloseTo(results[0]!.loss, 10);
    }
  });

  it("a recording is consistent: output = state above threshold", async () => {
    const recording = await record(spiking(), stripes(2).images as Float32Array, { device });
    for (const { output, states } of recording.layers) {
      expect(output).toHaveLength(states.s!.length);
      output.forEach((y, i) => {
        expect(y).toBe(states.s![i]! - 1 > 0 ? 1 : 0);
      });
    }
    await expect(record(spiking(), new Float32Array(13), { device })).rejects.toThrow(/13 values.*samples \* 12/);
  });
});

describe("schedules", () => {
  it("by hand", () => {
    expect(stepDecay({ every: 2, factor: 0.5 })({ epoch: 4.5, epochs: 9 })).toBe(0.25);
    expect(cosineDecay()({ epoch: 5, epochs: 10 })).toBeCloseTo(0.5, 12);
    expect(cosineDecay({ floor: 0.2 })({ epoch: 10, epochs: 10 })).toBeCloseTo(0.2, 12);
    expect(linearWarmup({ epochs: 2 })({ epoch: 0, epochs: 10 })).toBe(0);
    expect(linearWarmup({ epochs: 2 })({ epoch: 1, epochs: 10 })).toBe(0.5);
    expect(linearWarmup({ epochs: 2 })({ epoch: 3, epochs: 10 })).toBe(1);
    expect(() => stepDecay({ every: 0, factor: 0.5 })).toThrow(/every is 0/);
    expect(() => cosineDecay({ floor: 2 })).toThrow(/floor is 2/);
  });
});
