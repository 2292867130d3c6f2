import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { constantCurrent, rate } from "#spikevine/encoders/index";
import { dense, glorotUniform, lastOutput, network, spikeCount, spikeRate } from "#spikevine/networks/index";
import { linear, snu, tanh } from "#spikevine/neurons/index";
import { adam, bioAdam, grapes, momentum, sgd } from "#spikevine/plasticity/index";
import { dataset } from "#spikevine/src/data/dataset";
import type { Device } from "#spikevine/src/device/contract";
import { openDevice } from "#spikevine/src/device/index";
import { referenceDevice } from "#spikevine/src/device/reference/index";
import { evaluate, symbol } from "#spikevine/src/equations/language/expression";
import { normalQuantile } from "#spikevine/src/training/hardware/normal";
import { type Hardware, type TrainingOptions, type TrainingSnapshot, train } from "#spikevine/src/training/index";
import { oneBatch } from "./one-batch.js";
import { stripes } from "./stripes.js";

type Reference = Awaited<ReturnType<typeof referenceDevice>>;
let exact: Reference;
const devices = new Map<string, Device>();
beforeAll(async () => {
  exact = await referenceDevice({ precision: "double" });
  devices.set("reference", await referenceDevice({ precision: "single" }));
  for (const name of ["simd", "gpujs:cpu", "gpujs:webasm"]) {
    devices.set(name, (await openDevice(name, { threads: 1 })).device);
  }
});
afterAll(async () => {
  for (const device of devices.values()) await device.dispose();
});
const everyDevice = ["reference", "simd", "gpujs:cpu", "gpujs:webasm"] as const;

const moments = (values: ArrayLike<number>) => {
  const all = Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const deviation = Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length);
  return { mean, deviation };
};
const correlation = (a: readonly number[], b: readonly number[]): number => {
  const [x, y] = [moments(a), moments(b)];
  return a.reduce((sum, v, i) => sum + (v - x.mean) * (b[i]! - y.mean), 0) / (a.length * x.deviation * y.deviation);
};

const spiking = () =>
  network({
    inputs: 12,
    encoder: rate({ maxRate: 1 }),
    steps: 8,
    layers: [
      dense(16, snu({ threshold: 0.5 }), { recurrent: true, initializer: glorotUniform }),
      dense(3, snu({ threshold: 0.5 }), { initializer: glorotUniform }),
    ],
    readout: spikeRate(),
    seed: 3,
  });

describe("the normal quantile", () => {
  const quantile = (u: number) => evaluate({ z: normalQuantile(symbol("u")) }, { u }).z!;

  it.each([
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.975, 1.9599639845400545],
    [0.999, 3.090232306167813],
    [0.99999, 4.264890793922602],
    [0.025, -1.9599639845400545],
  ])("of %d", (u, z) => {
    expect(Math.abs(quantile(u) - z)).toBeLessThan(2e-6 * (1 + Math.abs(z)));
  });

  it("is finite at both ends", () => {
    expect(quantile(0)).toBeCloseTo(-5.29, 1);
    expect(quantile(1 - 2 ** -24)).toBeCloseTo(5.29, 1);
  });
});

describe.each(everyDevice)("noise on updates, on %s", (name) => {
  const net = () =>
    network({ inputs: 40, encoder: constantCurrent(), steps: 1, layers: [dense(30, linear())], readout: lastOutput() });
  const input = { pixels: [Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? 0 : 0.5 + i / 80))], labels: [4] };
  const before = net().parameters.get("layer1.weights")!.data;
  const updated = async (hardware: Hardware, seed = 1) => {
    const program = await oneBatch(net(), devices.get(name)!, input, {
      optimizer: sgd({ learningRate: 1 }),
      hardware,
      seed,
    });
    return program.readTensor("layer1.weights");
  };

  it("relative: a change is multiplied by 1 + deviation * normal; unchanged weights stay", async () => {
    const plain = await updated({});
    const noisy = await updated({ updateNoise: 0.3 });
    const relative: number[] = [];
    noisy.forEach((w, i) => {
      const change = plain[i]! - before[i]!;
      if (change === 0) expect(w).toBe(before[i]!);
      else if (Math.abs(change) > 1e-3) relative.push((w - before[i]!) / change - 1);
    });
    expect(relative.length).toBeGreaterThan(700);
    const { mean, deviation } = moments(relative);
    expect(Math.abs(mean)).toBeLessThan(4 * (0.3 / Math.sqrt(relative.length)));
    expect(Math.abs(deviation - 0.3)).toBeLessThan(4 * (0.3 / Math.sqrt(2 * relative.length)));
  });

  it("absolute: deviation * normal is added to every weight; another seed, other noise", async () => {
    const plain = await updated({});
    const hardware = { updateNoise: 0.05, updateNoiseKind: "absolute" } as const;
    const [first, again, other] = [await updated(hardware), await updated(hardware), await updated(hardware, 2)];
    expect(again).toEqual(first);
    const noise = (values: Float32Array) => Array.from(values, (w, i) => w - plain[i]!);
    const { mean, deviation } = moments(noise(first));
    expect(Math.abs(mean)).toBeLessThan(4 * (0.05 / Math.sqrt(first.length)));
    expect(Math.abs(deviation - 0.05)).toBeLessThan(4 * (0.05 / Math.sqrt(2 * first.length)));
    expect(Math.abs(correlation(noise(first), noise(other)))).toBeLessThan(0.12);
  });
});

describe("noise on updates", () => {
  it("is independent from update to update and the same on every device", async () => {
    const net = () =>
      network({ inputs: 20, encoder: constantCurrent(), steps: 1, layers: [dense(25, tanh())], readout: lastOutput() });
    const data = dataset({ images: new Float32Array(40), labels: Uint8Array.of(0, 1) });
    // Pixels of 0 give no gradient, so noise is the only change of the weights.
    const run = async (device: Device): Promise<Float32Array[]> => {
      const weights: Float32Array[] = [];
      const trained = net();
      const hardware = { updateNoise: 1, updateNoiseKind: "absolute" } as const;
      const onEpoch = () => void weights.push(trained.parameters.get("layer1.weights")!.data.slice());
      const options = {
        data,
        batchSize: 2,
        optimizer: sgd(),
        hardware,
        device,
        onEpoch,
        onZeroGradient: "continue",
      } as const;
      await train(trained, { ...options, epochs: 1 });
      await train(trained, { ...options, epochs: 8 });
      return weights;
    };
    const want = await run(devices.get("reference")!);
    const noise = want.slice(2).map((w, k) => Array.from(w, (v, i) => v - want[k + 1]![i]!));
    for (let k = 1; k < noise.length; k++) {
      expect(Math.abs(correlation(noise[k]!, noise[k - 1]!))).toBeLessThan(0.15);
      expect(Math.abs(correlation(noise[k]!.slice(1), noise[k]!.slice(0, -1)))).toBeLessThan(0.15);
    }
    expect(moments(noise.flat()).deviation).toBeCloseTo(1, 1);
    expect(Math.max(...noise.flat().map(Math.abs))).toBeGreaterThan(2.8);
    for (const name of ["simd", "gpujs:cpu", "gpujs:webasm"]) {
      const got = await run(devices.get(name)!);
      for (const [k, w] of want.entries()) {
        w.forEach((v, i) => {
          // Far from the center, the last digit of the uniform number matters much.
          expect(Math.abs(got[k]![i]! - v)).toBeLessThan(1e-3);
        });
      }
    }
  });
});

describe.each(everyDevice)("noise on activations, on %s", (name) => {
  it("is Gaussian, drawn for every sample, step, unit and layer, and has its deviation", async () => {
    const layers = [dense(40, linear()), dense(40, linear())];
    const net = network({ inputs: 3, encoder: constantCurrent(), steps: 1, layers, readout: lastOutput() });
    for (const { data } of net.parameters.values()) data.fill(0);
    // One path into each output unit: its own noise, and that of one hidden unit.
    const weights = net.parameters.get("layer2.weights")!.data;
    for (let n = 0; n < 40; n++) weights[n * 40 + n] = 1;
    const input = { pixels: Array.from({ length: 20 }, () => [0, 0, 0]), labels: new Array<number>(20).fill(0) };
    const readout = async (seed: number, epoch?: number) => {
      const program = await oneBatch(
        net,
        devices.get(name)!,
        input,
        { hardware: { activationNoise: 0.5 }, seed },
        {},
        epoch,
      );
      return Array.from(await program.readSignal("train", "readout"));
    };
    const first = await readout(1);
    const { mean, deviation } = moments(first);
    // Of two layers together.
    const expected = 0.5 * Math.SQRT2;
    expect(Math.abs(mean)).toBeLessThan((4 * expected) / Math.sqrt(first.length));
    expect(Math.abs(deviation - expected)).toBeLessThan((4 * expected) / Math.sqrt(2 * first.length));
    expect(await readout(1)).toEqual(first);
    expect(Math.abs(correlation(first, await readout(1, 2)))).toBeLessThan(0.14);
    expect(Math.abs(correlation(first.slice(40), first.slice(0, -40)))).toBeLessThan(0.14);
    const want = await oneBatch(net, exact, input, { hardware: { activationNoise: 0.5 } });
    const double = await want.readSignal("train", "readout");
    first.forEach((v, i) => {
      expect(Math.abs(v - double[i]!)).toBeLessThan(1e-5);
    });
  });

  it("is drawn at every step", async () => {
    const layers = [dense(40, linear())];
    const make = (steps: number) => {
      const net = network({ inputs: 3, encoder: constantCurrent(), steps, layers, readout: spikeCount() });
      net.parameters.get("layer1.weights")!.data.fill(0);
      return net;
    };
    const input = { pixels: Array.from({ length: 20 }, () => [0, 0, 0]), labels: new Array<number>(20).fill(0) };
    const program = await oneBatch(make(16), devices.get(name)!, input, { hardware: { activationNoise: 0.5 } });
    const { deviation } = moments(await program.readSignal("train", "readout"));
    // A sum of 16 independent numbers has 4 times the deviation, one of equal numbers 16 times.
    expect(Math.abs(deviation - 2)).toBeLessThan((4 * 2) / Math.sqrt(2 * 800));
  });
});

describe("noise on activations", () => {
  it("is a constant to the gradient, which agrees with finite differences", async () => {
    const layers = [dense(5, tanh(), { bias: true }), dense(4, tanh(), { recurrent: true }), dense(3, linear())];
    const net = network({ inputs: 4, encoder: constantCurrent(), steps: 3, layers, readout: spikeRate(), seed: 5 });
    const input = { pixels: [[0.9, 0.1, 0.4, 0.6]], labels: [1] };
    const hardware = { activationNoise: 0.4 };
    const lossAt = async (tensors: Record<string, Float32Array>): Promise<number> => {
      const program = await oneBatch(net, exact, input, { hardware }, tensors);
      return (await program.readSignalDouble("train", "loss"))[0]!;
    };
    const program = await oneBatch(net, exact, input, { hardware });
    const quiet = await oneBatch(net, exact, input);
    let differs = false;
    for (const [name, { data }] of net.parameters) {
      const gradient = await program.readTensor(`${name}.gradient`);
      differs ||= gradient.some((g, i) => g !== 0 && i === 0);
      for (const i of [0, 1, data.length - 1]) {
        const moved = (by: number) => data.map((w, k) => (k === i ? w + by : w));
        const [up, down] = [moved(2 ** -10), moved(-(2 ** -10))];
        const slope = ((await lossAt({ [name]: up })) - (await lossAt({ [name]: down }))) / (up[i]! - down[i]!);
        expect(Math.abs(slope - gradient[i]!)).toBeLessThan(1e-5);
      }
    }
    expect(differs).toBe(true);
    const loud = await program.readTensor("layer1.weights.gradient");
    expect(await quiet.readTensor("layer1.weights.gradient")).not.toEqual(loud);
  });

  it("is in training only", async () => {
    const run = async (hardware: Hardware) => {
      const options = { epochs: 1, optimizer: sgd({ learningRate: 0 }), hardware, device: devices.get("reference")! };
      const { final } = await train(spiking(), { data: stripes(24), validation: stripes(24), ...options });
      return final!;
    };
    const [noisy, quiet] = [await run({ activationNoise: 0.5 }), await run({})];
    expect(noisy.validation).toEqual(quiet.validation);
    expect(noisy.loss).not.toBe(quiet.loss);
  });
});

describe.each(everyDevice)("quantized weights, on %s", (name) => {
  it("stay on 2^bits equally spaced values inside the range, from the start to the end", async () => {
    for (const [weightBits, weightRange] of [
      [1, 0.3],
      [3, 0.5],
      [8, undefined],
    ] as const) {
      const hardware = { weightBits, ...(weightRange === undefined ? {} : { weightRange }) };
      const run = async (learningRate: number) => {
        const net = spiking();
        const rule = [grapes(), sgd({ learningRate })];
        await train(net, {
          data: stripes(24),
          epochs: 2,
          batchSize: 6,
          optimizer: rule,
          hardware,
          device: devices.get(name)!,
        });
        return net.parameters;
      };
      const [still, moved] = [await run(0), await run(0.3)];
      for (const array of ["layer1.weights", "layer1.recurrent", "layer2.weights"]) {
        const { rows, columns, data: drawn } = spiking().parameters.get(array)!;
        const range = weightRange ?? 4 * Math.sqrt(6 / (rows + columns));
        const step = (2 * range) / (2 ** weightBits - 1);
        for (const { data } of [still.get(array)!, moved.get(array)!]) {
          for (const w of data) {
            const level = (w + range) / step;
            expect(Math.abs(level - Math.round(level))).toBeLessThan(1e-4);
            expect(Math.abs(w)).toBeLessThanOrEqual(range * (1 + 1e-6));
          }
        }
        still.get(array)!.data.forEach((w, i) => {
          expect(Math.abs(w - Math.min(range, Math.max(-range, drawn[i]!)))).toBeLessThan(step / 2 + 1e-6);
        });
        if (array === "layer2.weights") expect(moved.get(array)!.data).not.toEqual(still.get(array)!.data);
      }
      // Thresholds are not synapses.
      expect([...moved.get("layer1.threshold")!.data].some((v) => v !== 0.5)).toBe(true);
    }
  });

  it("keep changes that are smaller than a step", async () => {
    const net = network({
      inputs: 1,
      encoder: constantCurrent(),
      steps: 1,
      layers: [dense(2, linear())],
      readout: lastOutput(),
    });
    const data = dataset({ images: Float32Array.of(1), labels: Uint8Array.of(0), classes: 2 });
    const levels = new Set<number>();
    const onEpoch = () => void levels.add(net.parameters.get("layer1.weights")!.data[0]!);
    // Each change is at most 0.02, a tenth of a step.
    const hardware = { weightBits: 4, weightRange: 1.5 };
    const rule = sgd({ learningRate: 0.02 });
    await train(net, {
      data,
      epochs: 60,
      batchSize: 1,
      optimizer: rule,
      hardware,
      device: devices.get(name)!,
      onEpoch,
    });
    expect(levels.size).toBeGreaterThan(2);
    expect(levels.size).toBeLessThan(8);
  });
});

describe("under all constraints", () => {
  const hardware: Hardware = { updateNoise: 0.2, activationNoise: 0.05, weightBits: 6 };
  const options = (more: Partial<TrainingOptions> = {}): TrainingOptions => ({
    data: stripes(24),
    epochs: 3,
    batchSize: 6,
    optimizer: [grapes(), momentum({ learningRate: 0.05 })],
    hardware,
    // An open device has its threads already.
    ...(typeof more.device === "object" ? {} : { device: "simd", threads: 1 }),
    ...more,
  });
  const outcome = async (more: Partial<TrainingOptions>) => {
    const net = spiking();
    const { epochs } = await train(net, options(more));
    return {
      losses: epochs.map(({ loss }) => loss),
      weights: [...net.parameters.values()].map(({ data }) => [...data]),
    };
  };

  it("the number of threads changes no bit", async () => {
    const want = await outcome({ threads: 1 });
    for (const threads of [2, 3]) expect(await outcome({ threads })).toEqual(want);
  });

  it.each(["reference", "simd", "gpujs:cpu"])("a stopped training resumes bit-identically, on %s", async (name) => {
    const device = devices.get(name)!;
    const want = await outcome({ device });
    let snapshot: TrainingSnapshot | undefined;
    const keep = async (kept: TrainingSnapshot): Promise<void> => {
      snapshot ??= {
        progress: kept.progress,
        tensors: new Map([...kept.tensors].map(([n, t]) => [n, { ...t, data: t.data.slice() }])),
      };
    };
    const snapshotDue = ({ updates }: { updates: number }) => updates === 6;
    expect(await outcome({ device, onSnapshot: keep, snapshotDue })).toEqual(want);
    expect(await outcome({ device, resume: snapshot! })).toEqual(want);
  });

  it.each(
    Object.entries({
      sgd: sgd({ learningRate: 0.3 }),
      adam: adam({ learningRate: 0.02 }),
      "bio-adam": bioAdam({ learningRate: 2e-3, rhoRest: 1e4, tauRho: 100 }),
      "bio-adam with feedback weights that are learned": bioAdam({
        learningRate: 2e-3,
        rhoRest: 1e4,
        tauRho: 100,
        predisposition: { temperature: 0.5 },
      }),
    }),
  )("%s learns", async (name, rule) => {
    const credit = name.includes("feedback") ? "predisposition" : "backpropagation";
    const { losses } = await outcome({ optimizer: rule, credit, epochs: 15, device: devices.get("simd")! });
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.02);
  });
});

describe("constraints out of range", () => {
  it.each([
    [{ updateNoise: -0.1 }, /hardware\.updateNoise is -0\.1; give a standard deviation of at least 0/],
    [{ activationNoise: Number.NaN }, /hardware\.activationNoise is NaN; give a standard deviation/],
    [{ updateNoise: 0.1, updateNoiseKind: "relativ" }, /did you mean "relative"\?/],
    [{ weightBits: 0 }, /hardware\.weightBits is 0; give a whole number from 1 to 16/],
    [{ weightBits: 2.5 }, /hardware\.weightBits is 2\.5; give a whole number from 1 to 16/],
    [{ weightBits: 4, weightRange: 0 }, /hardware\.weightRange is 0; give a number above 0/],
    [{ weightRange: 1 }, /hardware\.weightRange needs quantized weights; give hardware\.weightBits too/],
  ])("%j is refused", async (hardware, message) => {
    const device = devices.get("reference")!;
    await expect(
      train(spiking(), { data: stripes(24), epochs: 1, optimizer: sgd(), hardware: hardware as Hardware, device }),
    ).rejects.toThrow(message);
  });
});
